import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Node } from "./context.ts";
import { closeDeps, type Deps } from "./deps.ts";
import { armFailpoints } from "./failpoint.ts";
import { listInboxFacts } from "./features/availability/inbox.ts";
import { healConversation } from "./features/conversation/present.ts";
import { forgetInboxes } from "./features/inbox/access.ts";
import { contactsOf, watchersOf } from "./features/presence/watchers.ts";
import { departmentsWaitedFor, listQueue } from "./features/queue/list.ts";
import { watchRouting } from "./features/routing/watch.ts";
import { listOutdatedSessions, listSuspended } from "./features/session/access.ts";
import { createKoa } from "./http/koa.ts";
import { createLimiter } from "./limits.ts";
import { createIo, drainSockets, serve, watchSlowConsumers } from "./realtime/io.ts";
import { createInboxNews, type InboxNews } from "./realtime/inbox-news.ts";
import { createPresence, type PresenceBoard } from "./realtime/presence.ts";
import type { Session } from "./realtime/pipeline.ts";
import { createPublish } from "./realtime/publish.ts";
import { endSocket } from "./realtime/agent-session.ts";
import { createQueueNews, type QueueNews } from "./realtime/queue-news.ts";
import { followedBy, inboxRoom, sessionRoom, timelineRoom } from "./realtime/rooms.ts";
import { endWithdrawn } from "./realtime/visitor-session.ts";
import { createAppend } from "./timeline/append.ts";
import { startHealing } from "./timeline/heal.ts";
import { createReceipts } from "./timeline/receipts.ts";

export type App = {
  node: Node;
  http: HttpServer;
  /** Listens and resolves with the port. */
  listen: () => Promise<number>;
  /** Ordered stop: refuse the new, move the clients, finish what was accepted, close. */
  close: (options?: { drainSeconds?: number }) => Promise<void>;
};

type LiveData = { tenantId: string; sessionId: string; accessVersion: string; behind?: LiveData };
const lateMs = 800;

const tenantOf = (socket: { data: unknown }): string | undefined =>
  (socket.data as { session?: Session }).session?.ctx.tenant.id;

/** One node, put together but not listening. */
export const createApp = (deps: Deps): App => {
  const { config, log } = deps;
  armFailpoints(config.FAILPOINTS);
  const health = { started: false, draining: false, tag: crypto.randomUUID().slice(0, 8) };
  // A request that takes longer to arrive than this is no request of ours.
  const http = createServer({ requestTimeout: 30_000 });
  // Socket.IO takes its own paths from the listeners it finds, so the others' must be there first.
  let handleRequest: ReturnType<ReturnType<typeof createKoa>["callback"]> | undefined;
  http.on("request", (request, response) => void handleRequest?.(request, response));
  const io = createIo(http, deps, health.tag);
  const agents = io.of("/agent");
  const widgets = io.of("/widget");
  const limiter = createLimiter(config.RATE_LIMIT_FACTOR);

  // Publishing tells presence to look, presence tells through publishing: they are named before they are made.
  let presence: PresenceBoard;
  let inboxNews: InboxNews;
  let queueNews: QueueNews;
  const publish = createPublish(io, deps.redis, config, {
    endAgents: (room, reason, comesBack) => {
      for (const id of agents.adapter.rooms.get(room) ?? []) {
        const socket = agents.sockets.get(id)!;
        const { behind } = socket.data as Partial<LiveData>;
        // It is their own session with Parley that has ended, which is nothing to say of the member's.
        const isBehind = behind !== undefined && room === sessionRoom(behind.tenantId, behind.sessionId);
        endSocket(socket, isBehind && !comesBack ? "impersonation_ended" : reason, comesBack);
      }
    },
    endTenant: (tenantId, reason) => {
      forgetInboxes(deps, tenantId);
      for (const namespace of [agents, widgets])
        for (const socket of namespace.sockets.values())
          if (tenantOf(socket) === tenantId) endSocket(socket, reason, false);
    },
    lookUpInbox: (tenantId, inboxId, key) => {
      forgetInboxes(deps, tenantId, key);
      const look = () => {
        if (health.draining) return;
        const ids = [...(widgets.adapter.rooms.get(inboxRoom(tenantId, inboxId)) ?? [])];
        endWithdrawn(
          deps,
          ids.flatMap((id) => widgets.sockets.get(id) ?? []),
        ).catch((error: unknown) =>
          log.warn({ err: error }, "visitors who are no longer let in are left to the next check"),
        );
      };
      look();
      // Once more for those who were on their way in.
      setTimeout(look, lateMs).unref();
    },
    lookUpPresence: (tenantId) => {
      inboxNews.outdate(tenantId);
      queueNews.agentsChanged(tenantId);
      presence.look(tenantId);
    },
  });
  presence = createPresence({
    config,
    redis: deps.redis,
    log,
    watchersOf: (tenantId, changed) => watchersOf(deps, tenantId, changed),
    contactsOf: (tenantId, conversationIds) => contactsOf(deps, tenantId, conversationIds),
    followersOf: (tenantId, conversationId) => timelineRoom(tenantId, conversationId, "internal"),
    hasMembers: publish.hasMembers,
    emit: publish.emitLocally,
    onLook: (tenantId, present) => inboxNews.look(tenantId, present),
    hint: publish.hintPresence,
  });
  inboxNews = createInboxNews({
    log,
    keepMs: config.SESSION_CHECK_SECONDS * 1_000,
    listFacts: (tenantId, inboxIds) => listInboxFacts(deps, tenantId, inboxIds),
    snapshot: presence.snapshot,
    hasMembers: publish.hasMembers,
    emitLocally: publish.emitLocally,
  });
  // Which conversations agents follow here decides whose contacts' presence is looked up.
  agents.adapter.on("create-room", (room: string) => followedBy(room, presence.follow));
  agents.adapter.on("delete-room", (room: string) => followedBy(room, presence.unfollow));
  queueNews = createQueueNews({
    log,
    listQueue: (tenantId, departmentId) => listQueue({ ...deps, presence }, tenantId, departmentId),
    departmentsOf: (tenantId, conversationIds) =>
      departmentsWaitedFor({ ...deps, presence }, tenantId, conversationIds),
    emit: publish.emit,
    emitLocally: publish.emitLocally,
  });
  const append = createAppend({ ...deps, publish });
  const receipts = createReceipts(deps.tenancy);
  const node: Node = { ...deps, append, receipts, publish, presence, queueNews };

  serve(io, { node, limiter, inboxNews }, () => health.draining);
  handleRequest = createKoa(node, health, limiter).callback();

  const listTenants = (): string[] => {
    const tenants = new Set<string>();
    for (const namespace of [agents, widgets])
      for (const room of namespace.adapter.rooms.keys()) if (room.startsWith("t:")) tenants.add(room.slice(2, 38));
    return [...tenants];
  };
  const routing = watchRouting(node, listTenants);
  const healing = startHealing({
    intervalMs: config.HEAL_INTERVAL_MS,
    tenancy: deps.tenancy,
    publish,
    metrics: deps.metrics,
    log,
    listTenants,
    healConversation: (tenantId, conversationId) => healConversation(node, tenantId, conversationId),
  });
  const slow = watchSlowConsumers(io, deps);

  // A hint may be lost; this bounds how long a socket outlives what it rests on.
  const checkSessions = async () => {
    const live = [...agents.sockets.values()].flatMap(({ data }) =>
      (data as Partial<LiveData>).sessionId === undefined
        ? []
        : [data as LiveData, (data as LiveData).behind].filter((session) => session !== undefined),
    );
    if (live.length > 0)
      for (const { tenantId, sessionId, reason } of await listOutdatedSessions(deps, live))
        publish.endSessionLocally(tenantId, sessionId, reason, reason === "access_changed");
    const visited = new Set([...widgets.sockets.values()].flatMap((socket) => tenantOf(socket) ?? []));
    if (visited.size > 0)
      for (const tenantId of await listSuspended(deps, [...visited])) publish.endTenantLocally(tenantId);
    await endWithdrawn(deps, widgets.sockets.values());
  };
  const sessionCheck = setInterval(() => {
    checkSessions().catch((error: unknown) => log.warn({ err: error }, "sessions could not be checked"));
  }, config.SESSION_CHECK_SECONDS * 1_000);

  return {
    node,
    http,
    listen: () =>
      new Promise((resolve, reject) => {
        http.once("error", reject);
        // A storm of reconnects waits in the backlog; Node's default of 511 stretches it fourfold.
        http.listen({ port: config.PORT, host: config.HOST, backlog: 4_096 }, () => {
          health.started = true;
          resolve((http.address() as AddressInfo).port);
        });
      }),
    close: async ({ drainSeconds = config.DRAIN_SECONDS } = {}) => {
      health.draining = true;
      clearInterval(sessionCheck);
      clearInterval(slow);
      healing.stop();
      await routing.stop();
      queueNews.stop();
      await drainSockets(io, drainSeconds);
      await Promise.all([append.idle(), receipts.idle()]);
      await presence.close();
      publish.close();
      await io.close();
      await closeDeps(deps);
    },
  };
};
