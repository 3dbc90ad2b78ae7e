import type { Server as HttpServer } from "node:http";
import { Server, type Socket } from "socket.io";
import type { Deps } from "../deps.ts";
import { limits } from "../contract/entities.ts";
import { createInboxAccess } from "../features/inbox/access.ts";
import { createAdapter } from "./adapter.ts";
import { coalesceWrites } from "./coalesce.ts";
import { connectAgent, connectWidget, type Parts } from "./connection.ts";
import { createFloodWatch } from "./flood.ts";
import type { Session } from "./pipeline.ts";
import { laggingRoom } from "./rooms.ts";
import { watchOpenSockets } from "./open-sockets.ts";
import { enterDesktop, enterWidget, guardHandshake } from "./handshake.ts";

type SlimRequest = {
  headers: { origin?: string | undefined; "x-forwarded-for"?: string | string[] | undefined };
  url: string;
  _query: object;
  connection?: { encrypted?: boolean | undefined };
};

/** The Socket.IO server. `tag` starts every session id, so that a balancer can bring long-polling back to its node. */
export const createIo = (http: HttpServer, deps: Deps, tag: string): Server => {
  const { config } = deps;
  const io = new Server(http, {
    adapter: createAdapter(config, deps.redis) as never,
    maxHttpBufferSize: limits.frameBytes,
    // Compression would cost sixteen times the memory per socket.
    perMessageDeflate: false,
    httpCompression: false,
    connectTimeout: 5_000,
    pingInterval: config.PING_INTERVAL_MS,
    pingTimeout: config.PING_TIMEOUT_MS,
    serveClient: false,
    cleanupEmptyChildNamespaces: true,
    // Origins are judged per inbox at the handshake; long-polling from a customer's page needs the headers all the same.
    cors: { origin: true, credentials: false },
  });
  io.engine.generateId = () => `${tag}.${crypto.randomUUID()}`;
  io.engine.on("connection", (raw: Parameters<typeof coalesceWrites>[0] & { request: SlimRequest }) => {
    coalesceWrites(raw);
    // The upgrade request with its buffers is an eighth of an idle socket's memory; a handshake reads only this of it.
    const { headers, connection } = raw.request;
    raw.request = {
      headers: { origin: headers.origin, "x-forwarded-for": headers["x-forwarded-for"] },
      url: "",
      _query: {},
      connection: { encrypted: connection?.encrypted },
    };
  });
  io.engine.on("connection_error", (error: { code: number; message: string }) => {
    deps.metrics.violations.inc({ kind: "transport" });
    deps.log.debug({ code: error.code, message: error.message }, "refused a transport");
  });
  // Nobody speaks in the main namespace.
  io.of("/").use((_socket, next) => next(new Error("There is nothing here.")));
  return io;
};

/** Opens both namespaces. */
export const serve = (io: Server, made: Omit<Parts, "floods">, isDraining: () => boolean): void => {
  const { node, limiter } = made;
  const floods = createFloodWatch(Math.max(1, node.config.RATE_LIMIT_FACTOR));
  const parts = { ...made, floods };
  const findInbox = createInboxAccess(node);
  const doors = { node, limiter, floods, openSockets: watchOpenSockets(io, node), isDraining };
  const quiet = (socket: Socket) => {
    // Protocol errors of one client (a second CONNECT, a bad packet) end at that client.
    socket.on("error", (error) => {
      node.metrics.violations.inc({ kind: "packet" });
      node.log.debug({ err: error }, "a socket sent nonsense");
    });
  };
  io.of("/widget")
    .use(guardHandshake(doors, (socket, network) => enterWidget(doors, findInbox, socket, network)))
    .on("connection", (socket) => {
      quiet(socket);
      connectWidget(parts, socket);
    });
  io.of("/agent")
    .use(guardHandshake(doors, (socket) => enterDesktop(node, socket)))
    .on("connection", (socket) => {
      quiet(socket);
      connectAgent(parts, socket);
    });
};

const bufferedBytes = (socket: Socket): number => {
  const { writeBuffer } = socket.conn as unknown as { writeBuffer: { data?: string | Buffer }[] };
  let bytes = 0;
  for (const { data } of writeBuffer) bytes += data?.length ?? 0;
  return bytes;
};

/** An ordinary close waits until everything is written, which a peer that does not read never lets happen. */
const terminate = (socket: Socket): void => {
  const { socket: webSocket } = socket.conn.transport as unknown as { socket?: { terminate?: () => void } };
  if (webSocket?.terminate) webSocket.terminate();
  else socket.conn.close(true);
};

// From this share of the cap on a socket counts as lagging.
const laggingShare = 1 / 8;

/**
 * Closes sockets that don't read: what is sent to them gathers in this process, without bound and unseen by `ws`. They lose
 * nothing: the client comes back and catches up from the log. On the way there they are spared what can be missed.
 */
export const watchSlowConsumers = (io: Server, deps: Deps): NodeJS.Timeout => {
  const cap = deps.config.SOCKET_BUFFER_BYTES;
  const watch = (socket: Socket): void => {
    const bytes = bufferedBytes(socket);
    if (bytes > cap) {
      deps.metrics.slowConsumers.inc();
      deps.log.warn({ namespace: socket.nsp.name }, "closed a socket that does not read");
      terminate(socket);
    } else if (bytes > cap * laggingShare) void socket.join(laggingRoom());
    else if (socket.rooms.has(laggingRoom())) void socket.leave(laggingRoom());
  };
  const timer = setInterval(() => {
    for (const name of ["/agent", "/widget"]) for (const socket of io.of(name).sockets.values()) watch(socket);
  }, 500);
  timer.unref();
  return timer;
};

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const mostWaitMs = 2_000;

/** Closes a socket once what it asked for is answered, so that a drain loses no ack. */
const leaveInOrder = async (socket: Socket): Promise<void> => {
  socket.emit("session:ended", { reason: "drain", reconnect: true });
  const underWay = () => (socket.data as { session?: Session }).session?.underWay ?? 0;
  for (let waited = 0; underWay() > 0 && waited < mostWaitMs; waited += 20) await pause(20);
  socket.conn.close();
};

/** Moves every client away: told why, spread over the time there is, closed so that it comes back by itself. */
export const drainSockets = async (io: Server, seconds: number): Promise<void> => {
  const sockets = ["/agent", "/widget"].flatMap((name) => [...io.of(name).sockets.values()]);
  await Promise.all(
    sockets.map(async (socket) => {
      await pause(Math.random() * seconds * 1_000);
      await leaveInOrder(socket);
    }),
  );
};
