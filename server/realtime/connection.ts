import type { Socket } from "socket.io";
import { type AgentCtx, type Ctx, type CtxActor, type Node, presentActor } from "../context.ts";
import { agentCommands } from "../contract/agent.ts";
import type { Commands } from "../contract/define.ts";
import { contractLevel } from "../contract/entities.ts";
import { widgetCommands } from "../contract/widget.ts";
import { listLive } from "../features/conversation/live.ts";
import { timelineRooms } from "../features/conversation/open.ts";
import { drainQueue } from "../features/routing/dispatch.ts";
import type { AgentSession } from "../features/session/access.ts";
import type { Limiter } from "../limits.ts";
import { endSocket, stopWatching, watchExpiry } from "./agent-session.ts";
import { agentHandlers, widgetHandlers } from "./handlers.ts";
import type { AgentEntrance, WidgetEntrance } from "./handshake.ts";
import { attachPipeline, type Handlers, type Session } from "./pipeline.ts";
import { agentRoom, contactRoom, departmentRoom, sessionRoom, supervisorRoom, tenantRoom } from "./rooms.ts";

type Parts = { node: Node; limiter: Limiter };

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
const welcome = async (socket: Socket, ctx: Ctx, extra: () => Record<string, unknown>): Promise<void> => {
  const live = await listLive(ctx);
  await socket.join(live.cursors.flatMap(({ conversationId }) => timelineRooms(ctx, conversationId)));
  const { cursors, unread } = live.cursors.length > 0 ? await listLive(ctx) : live;
  socket.emit("session:ready", {
    contractLevel,
    serverTime: new Date().toISOString(),
    tenant: { id: ctx.tenant.id, name: ctx.tenant.name },
    actor: presentActor(ctx.actor),
    unread,
    cursors,
    ...extra(),
  });
};

const attach = (socket: Socket, ctx: Ctx, { node, limiter }: Parts, commands: Commands, handlers: unknown): void => {
  const buckets = limiter.bucketsOf(`${ctx.tenant.id}:${ctx.actor.id}`);
  const session: Session = { ctx, buckets, refused: 0, underWay: 0 };
  attachPipeline(socket, session, { commands, handlers: handlers as Handlers, limiter, metrics: node.metrics });
  Object.assign(socket.data, { session });
  node.metrics.sockets.inc({ namespace: socket.nsp.name });
  socket.on("disconnect", () => node.metrics.sockets.dec({ namespace: socket.nsp.name }));
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
  const { tenant, actor, visitorToken } = takeEntrance<WidgetEntrance>(socket);
  const ctx = createCtx(parts.node, socket, tenant, actor);
  attach(socket, ctx, parts, widgetCommands, widgetHandlers);
  void socket.join(contactRoom(tenant.id, actor.id));
  welcome(socket, ctx, () => ({ visitorToken })).catch(orLeave(socket, parts.node));
};

/** An agent who has just come can take what waits, as soon as their lease says that they are here. */
const arrive = async (node: Node, tenant: Ctx["tenant"], { actor, availability, departments }: AgentSession) => {
  await node.presence.arrive(tenant.id, actor.id);
  const departmentIds = departments.map(({ id }) => id);
  if (availability === "available" && departmentIds.length > 0)
    void drainQueue(node, tenant, departmentIds, "agent_online");
};

const welcomeAgent = async (socket: Socket, ctx: AgentCtx, { session, expiresAt }: AgentEntrance): Promise<void> => {
  const { actor, tenant } = ctx;
  const present = await ctx.node.presence.listPresent(tenant.id);
  await welcome(socket, ctx, () => ({
    permissions: [...actor.permissions],
    availability: session.availability,
    departments: session.departments,
    colleagues: session.colleagues.map((colleague) => ({
      ...colleague,
      presence: present.includes(colleague.id) || colleague.id === actor.id ? "online" : "offline",
    })),
    expiresAt: new Date(expiresAt * 1_000).toISOString(),
  }));
};

// In a function of its own: the listener lives as long as the socket, and with it all that stands in its scope, which
// elsewhere would be the list of colleagues.
const watchLeaving = (socket: Socket, { node, tenant, actor }: AgentCtx): void => {
  const answers = actor.permissions.has("message.send");
  socket.on("disconnect", () => {
    stopWatching(socket);
    if (answers) node.presence.leave(tenant.id, actor.id);
  });
};

export const connectAgent = (parts: Parts, socket: Socket): void => {
  const { node } = parts;
  const entrance = takeEntrance<AgentEntrance>(socket);
  const { actor, session } = entrance;
  const tenant = { id: entrance.tenant.id, name: entrance.tenant.name };
  const ctx = createCtx(node, socket, tenant, actor);
  attach(socket, ctx, parts, agentCommands, agentHandlers);
  const watched = actor.permissions.has("conversation.read_all")
    ? [supervisorRoom(tenant.id)]
    : session.departments.map(({ id }) => departmentRoom(tenant.id, id));
  void socket.join([
    tenantRoom(tenant.id),
    agentRoom(tenant.id, actor.id),
    sessionRoom(tenant.id, actor.sessionId),
    ...watched,
  ]);
  Object.assign(socket.data, { tenantId: tenant.id, sessionId: actor.sessionId });
  watchExpiry(socket, ctx, entrance.expiresAt);
  watchLeaving(socket, ctx);
  if (actor.permissions.has("message.send")) void arrive(node, tenant, session);
  welcomeAgent(socket, ctx, entrance).catch(orLeave(socket, node));
};
