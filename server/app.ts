import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Node } from "./context.ts";
import { closeDeps, type Deps } from "./deps.ts";
import { armFailpoints } from "./failpoint.ts";
import { healConversation } from "./features/conversation/present.ts";
import { listEndedSessions } from "./features/session/access.ts";
import { createKoa } from "./http/koa.ts";
import { createLimiter } from "./limits.ts";
import { createIo, drainSockets, serve, watchSlowConsumers } from "./realtime/io.ts";
import { createPresenceBoard, type PresenceBoard } from "./realtime/presence.ts";
import { createPublish } from "./realtime/publish.ts";
import { endSocket } from "./realtime/agent-session.ts";
import { tenantRoom } from "./realtime/rooms.ts";
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

  // Publishing tells presence to look, presence tells through publishing: the board is named before it is made.
  let presence: PresenceBoard;
  const publish = createPublish(io, deps.redis, config, {
    endSession: (room, reason) => {
      for (const id of agents.adapter.rooms.get(room) ?? []) endSocket(agents.sockets.get(id)!, reason, false);
    },
    lookUpPresence: (tenantId) => void presence.lookUp(tenantId),
  });
  presence = createPresenceBoard({
    config,
    redis: deps.redis,
    log,
    isWatched: (tenantId) => publish.hasMembers(tenantRoom(tenantId)),
    onChange: (tenantId, agentId, present) =>
      publish.emitLocally([tenantRoom(tenantId)], "presence:changed", {
        actor: { kind: "agent", id: agentId },
        presence: present ? "online" : "offline",
      }),
    hint: publish.hintPresence,
  });
  const append = createAppend({ ...deps, publish });
  const receipts = createReceipts(deps.tenancy);
  const node: Node = { ...deps, append, receipts, publish, presence };

  serve(io, node, limiter, () => health.draining);
  handleRequest = createKoa(node, health, limiter).callback();

  const listTenants = (): string[] => {
    const tenants = new Set<string>();
    for (const namespace of [agents, widgets])
      for (const room of namespace.adapter.rooms.keys()) if (room.startsWith("t:")) tenants.add(room.slice(2, 38));
    return [...tenants];
  };
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

  // A revocation's hint may be lost; this bounds how long a socket outlives its session.
  const checkSessions = async () => {
    const live = [...agents.sockets.values()].map(({ data }) => data as { tenantId: string; sessionId: string });
    if (live.length === 0) return;
    for (const { tenantId, sessionId, reason } of await listEndedSessions(deps, live))
      publish.endSession(tenantId, sessionId, reason);
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
      await drainSockets(io, drainSeconds);
      await Promise.all([append.idle(), receipts.idle()]);
      await presence.close();
      publish.close();
      await io.close();
      await closeDeps(deps);
    },
  };
};
