import type { Socket } from "socket.io";
import { networkOf } from "../client-address.ts";
import {
  type AgentCtx,
  can,
  type Ctx,
  type CtxActor,
  type Node,
  presentActor,
  readsConversations,
  seesAll,
} from "../context.ts";
import { agentCommands, type Offer } from "../contract/agent.ts";
import type { Commands } from "../contract/define.ts";
import { contractLevel } from "../contract/entities.ts";
import { canAnswer } from "../contract/permissions.ts";
import { widgetCommands } from "../contract/widget.ts";
import { listLive } from "../features/conversation/live.ts";
import { timelineRooms } from "../features/conversation/open.ts";
import { listOffers } from "../features/offer/list.ts";
import { listColleagues } from "../features/presence/colleagues.ts";
import { drainQueue } from "../features/routing/dispatch.ts";
import type { AgentSession } from "../features/session/access.ts";
import { type Limiter, visitorBuckets } from "../limits.ts";
import { endSocket, stopWatching, watchExpiry } from "./agent-session.ts";
import { appear, type PresentData, showPresence } from "./appear.ts";
import { type FloodWatch, sourceOf } from "./flood.ts";
import { agentHandlers, widgetHandlers } from "./handlers.ts";
import type { AgentEntrance, WidgetEntrance } from "./handshake.ts";
import type { InboxNews } from "./inbox-news.ts";
import { attachPipeline, type Handlers, type Session } from "./pipeline.ts";
import {
  agentRoom,
  colleaguesRoom,
  contactRoom,
  departmentRoom,
  inboxRoom,
  readerRoom,
  sessionRoom,
  supervisorRoom,
  tenantRoom,
} from "./rooms.ts";
import type { VisitorSocketData } from "./visitor-session.ts";

export type Parts = { node: Node; limiter: Limiter; inboxNews: InboxNews; floods: FloodWatch };

const createCtx = <A extends CtxActor>(node: Node, socket: Socket, tenant: Ctx["tenant"], actor: A): Ctx<A> => ({
  tenant,
  actor,
  node,
  log: node.log,
  address: (socket.data as { address: string }).address,
  socketId: socket.id,
});

/**
 * Subscribes the socket to its live conversations, then reads their heads and says it is ready. In that order: what is
 * committed before the heads are read is in them, what is committed after finds the socket in its rooms.
 */
const welcome = async (socket: Socket, ctx: Ctx, extra: () => Promise<Record<string, unknown>>): Promise<void> => {
  const first = await listLive(ctx);
  await socket.join(first.cursors.flatMap(({ conversationId }) => timelineRooms(ctx, conversationId)));
  const { cursors, unread, counterparts, waiting, known } = first.cursors.length > 0 ? await listLive(ctx) : first;
  // A contact is present once there is a conversation in which that matters to somebody.
  if (known) await appear(socket, ctx);
  const fields = await extra();
  socket.emit("session:ready", {
    contractLevel,
    serverTime: new Date().toISOString(),
    tenant: { id: ctx.tenant.id, name: ctx.tenant.name },
    actor: presentActor(ctx.actor),
    unread,
    cursors,
    ...fields,
  });
  await showPresence(socket, ctx, counterparts);
  for (const place of await ctx.node.queueNews.placesOf(ctx.tenant.id, waiting)) socket.emit("queue:changed", place);
};

const attach = (
  socket: Socket,
  ctx: Ctx,
  { node, limiter, floods }: Parts,
  commands: Commands,
  handlers: unknown,
): void => {
  const { tenant, actor } = ctx;
  const buckets = [limiter.bucketsOf(`${tenant.id}:${actor.id}`)];
  if (actor.kind === "contact")
    buckets.push(...visitorBuckets(limiter, networkOf(ctx.address!), tenant.id, actor.inboxId));
  const source = sourceOf(tenant.id, actor, networkOf(ctx.address!));
  const session: Session = { ctx, buckets, source, underWay: 0 };
  attachPipeline(socket, session, { commands, handlers: handlers as Handlers, limiter, metrics: node.metrics, floods });
  Object.assign(socket.data, { session });
  node.metrics.sockets.inc({ namespace: socket.nsp.name });
  node.presence.watch(ctx.tenant.id);
  socket.on("disconnect", () => {
    node.metrics.sockets.dec({ namespace: socket.nsp.name });
    node.presence.unwatch(ctx.tenant.id);
    stopWatching(socket);
    const { present } = socket.data as PresentData;
    if (present) node.presence.leave(ctx.tenant.id, ctx.actor.kind, ctx.actor.id, present);
  });
  // The handshake keeps the token for the life of a socket; nobody reads it again.
  socket.handshake.auth = {};
};

const orLeave = (socket: Socket, node: Node) => (error: unknown) => {
  // The client comes back by itself, to this node or another, when the database is there again.
  node.log.warn({ err: error }, "a connection could not be set up");
  endSocket(socket, "unavailable", true);
};

/** What the handshake found, handed over once: it must not live as long as the socket does. */
const takeEntrance = <E>(socket: Socket): E => {
  const data = socket.data as { entrance?: E };
  const { entrance } = data;
  delete data.entrance;
  return entrance!;
};

export const connectWidget = (parts: Parts, socket: Socket): void => {
  const { tenant, actor, visitorToken, email, admission } = takeEntrance<WidgetEntrance>(socket);
  const ctx = createCtx(parts.node, socket, tenant, actor);
  attach(socket, ctx, parts, widgetCommands, widgetHandlers);
  Object.assign(socket.data, { admission } satisfies VisitorSocketData);
  void socket.join([contactRoom(tenant.id, actor.id), inboxRoom(tenant.id, actor.inboxId)]);
  const extra = async () => {
    const inbox = await parts.inboxNews.availability(tenant.id, actor.inboxId);
    return { visitorToken, ...(email !== undefined && { email }), ...(inbox && { inbox }) };
  };
  welcome(socket, ctx, extra).catch(orLeave(socket, parts.node));
};

/** An agent who has just come can take what waits, as soon as their lease says that they are here. */
const arrive = async (socket: Socket, ctx: AgentCtx, { availability, departments }: AgentSession): Promise<void> => {
  await appear(socket, ctx);
  const departmentIds = departments.map(({ id }) => id);
  if (availability === "available" && departmentIds.length > 0)
    void drainQueue(ctx.node, ctx.tenant, departmentIds, "agent_online");
};

/** What is held out to an agent who has just come; healing need not tell it again. */
const offersAtHand = async ({ node, tenant, actor }: AgentCtx): Promise<Offer[]> => {
  if (!readsConversations(actor)) return [];
  const offers = await listOffers(node, tenant.id, actor.id);
  for (const { conversation, offeredAt } of offers) node.publish.told.offered(conversation.id, offeredAt);
  return offers;
};

const welcomeAgent = async (socket: Socket, ctx: AgentCtx, { session, expiresAt }: AgentEntrance): Promise<void> => {
  await welcome(socket, ctx, async () => ({
    permissions: [...ctx.actor.permissions],
    availability: session.availability,
    departments: session.departments,
    colleagues: await listColleagues(ctx),
    offers: await offersAtHand(ctx),
    ...(ctx.actor.via && { via: ctx.actor.via, readOnly: ctx.actor.readOnly ?? false }),
    expiresAt: new Date(expiresAt * 1_000).toISOString(),
  }));
};

/** Whether somebody who has logged in is there for contacts: they may answer, and are who they seem to be. */
const answers = ({ permissions, via }: AgentCtx["actor"]): boolean =>
  canAnswer([...permissions]) && via?.kind !== "platform";

/** What an agent hears of: who may not read something is in no room in which it is told. */
const roomsOf = (actor: AgentCtx["actor"], tenantId: string, departmentIds: string[]): string[] => {
  const watch = (whole: string, part: (tenantId: string, departmentId: string) => string) =>
    seesAll(actor) ? [whole] : departmentIds.map((id) => part(tenantId, id));
  return [
    tenantRoom(tenantId),
    agentRoom(tenantId, actor.id),
    sessionRoom(tenantId, actor.sessionId),
    ...(readsConversations(actor)
      ? [readerRoom(tenantId, actor.id), ...watch(supervisorRoom(tenantId), departmentRoom)]
      : []),
    ...(can(actor, "agent.read") ? watch(colleaguesRoom(tenantId), colleaguesRoom) : []),
  ];
};

export const connectAgent = (parts: Parts, socket: Socket): void => {
  const { node } = parts;
  const entrance = takeEntrance<AgentEntrance>(socket);
  const { actor, session } = entrance;
  const tenant = { id: entrance.tenant.id, name: entrance.tenant.name, plan: session.tenant.plan };
  const ctx = createCtx(node, socket, tenant, actor);
  attach(socket, ctx, parts, agentCommands, agentHandlers);
  const { accessVersion, behind } = session;
  const departmentIds = session.departments.map(({ id }) => id);
  void socket.join([
    ...roomsOf(actor, tenant.id, departmentIds),
    ...(behind ? [sessionRoom(behind.tenantId, behind.sessionId)] : []),
  ]);
  Object.assign(socket.data, { tenantId: tenant.id, sessionId: actor.sessionId, accessVersion, behind });
  watchExpiry(socket, ctx, entrance.expiresAt);
  if (answers(actor)) void arrive(socket, ctx, session);
  welcomeAgent(socket, ctx, entrance).catch(orLeave(socket, node));
};
