import { Manager } from "socket.io-client";
import type { ManagerOptions, Socket, SocketOptions } from "socket.io-client";
import type { ErrorBody } from "../../server/contract/errors.ts";
import { askedWaitMs, backoffMs } from "./backoff.ts";
import { bodyOfError, toParleyError } from "./errors.ts";

/** Without `session:ready` for this long an attempt counts as failed, whatever the transport believes. */
const handshakeMs = 20_000;
/** So many attempts fail before long-polling is tried beside WebSocket, and only while WebSocket never worked. */
const webSocketAttempts = 2;
/** Waking again within this time changes nothing. */
const wakePauseMs = 1000;
/** Whoever was asked to come back with other rights is back before anybody looks up. */
const comeBackMs = 300;

/**
 * Whether the page left the browser's WebSocket as it was, or one like it. What its constructor throws would get lost in the
 * transport, and every attempt would hang. An address that is none opens nothing.
 */
const canUseWebSocket = (): boolean => {
  if (!("document" in globalThis)) return true;
  try {
    return Boolean(new WebSocket("not-an-address:"));
  } catch (error) {
    return (error as Error).name === "SyntaxError";
  }
};

export type AskAuth = (ask: { fresh: boolean }) => object | Promise<object>;

export type ConnectionOptions = {
  url: string;
  namespace: string;
  auth: AskAuth;
  socket?: Partial<ManagerOptions & SocketOptions> | undefined;
  random: () => number;
  onConnecting: () => void;
  onOffline: (error?: ErrorBody) => void;
  onEnded: (reason: string, error?: ErrorBody) => void;
};

export type Connection = {
  socket: Socket;
  connect: () => void;
  close: () => void;
  /** Tries at once instead of waiting out the backoff: the network is back, the page is visible again. */
  wake: () => void;
  /** Gives up a transport at once instead of waiting for its heartbeat: the network is known to be gone. */
  drop: () => void;
};

/**
 * One socket that comes back by itself: through socket.io-client's own reconnection after a lost transport, by hand where
 * that gives up (a refused handshake, a disconnect by the server). Ends for good on a refusal that no retry can change.
 */
export const createConnection = (options: ConnectionOptions): Connection => {
  const { random } = options;
  const manager = new Manager(options.url, {
    transports: canUseWebSocket() ? ["websocket"] : ["polling"],
    reconnectionDelay: 1000,
    reconnectionDelayMax: 30_000,
    randomizationFactor: 1,
    timeout: 10_000,
    ...options.socket,
    autoConnect: false,
  });
  const socket = manager.socket(options.namespace);
  let wanted = false;
  let attempt = 0;
  let failures = 0;
  let wokenAt = 0;
  let askFresh = false;
  let askedFresh = false;
  let comesBack = false;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let watchdog: ReturnType<typeof setTimeout> | undefined;

  const stopTimers = () => {
    clearTimeout(retryTimer);
    clearTimeout(watchdog);
  };

  const end = (reason: string, error?: ErrorBody) => {
    wanted = false;
    stopTimers();
    socket.disconnect();
    options.onEnded(reason, error);
  };

  const retryIn = (ms: number) => {
    clearTimeout(retryTimer);
    retryTimer = setTimeout(() => wanted && socket.connect(), ms);
  };

  /** Gives the attempt up, if the transport has not done so itself, and tries again later. */
  const giveUp = (error: ErrorBody) => {
    clearTimeout(watchdog);
    socket.disconnect();
    options.onOffline(error);
    retryIn(Math.max(askedWaitMs(error.details), backoffMs(attempt++, random, 1000)));
  };

  const fail = (error: ErrorBody) => {
    if (error.code === "unauthenticated" && !askedFresh) {
      // Tokens run out while a laptop sleeps: a fresh one is asked for once before the refusal counts.
      askFresh = askedFresh = true;
      socket.disconnect();
      retryIn(random() * 500);
    } else if (error.retryable) giveUp(error);
    else end("refused", error);
  };

  socket.auth = (send: (auth: object) => void) => {
    const engine = manager.engine;
    clearTimeout(watchdog);
    watchdog = setTimeout(
      () => giveUp({ code: "unavailable", message: "The server does not answer", retryable: true }),
      handshakeMs,
    );
    const fresh = askFresh;
    askFresh = false;
    Promise.resolve()
      .then(() => options.auth({ fresh }))
      .then(
        (auth) => {
          // By now this attempt may be over; its packet must not land in the next one.
          if (wanted && manager.engine === engine && !socket.connected) send(auth);
        },
        (error: unknown) => {
          if (wanted && manager.engine === engine) fail(bodyOfError(toParleyError(error)));
        },
      );
  };

  socket.on("session:ready", () => {
    clearTimeout(watchdog);
    attempt = failures = 0;
    askedFresh = false;
  });

  socket.on("session:ended", (ended: { reason: string; reconnect: boolean }) => {
    if (!ended.reconnect && wanted) end(ended.reason);
    if (ended.reason === "access_changed") comesBack = true;
  });

  socket.on("connect_error", (error: Error & { data?: ErrorBody }) => {
    if (!wanted) return;
    if (error.data?.code) {
      fail(error.data);
      return;
    }
    failures += 1;
    if (failures >= webSocketAttempts && !options.socket?.transports) {
      Object.assign(manager.opts, { transports: ["websocket", "polling"], tryAllTransports: true });
    }
    const body: ErrorBody = { code: "unavailable", message: error.message, retryable: true };
    if (socket.active) options.onOffline(body);
    else giveUp(body);
  });

  socket.on("disconnect", (reason) => {
    clearTimeout(watchdog);
    // What was not written yet would go out with the next session, after its cursors were told: outbox and sync decide anew.
    socket.sendBuffer = [];
    if (!wanted) return;
    options.onOffline();
    if (reason === "io server disconnect") retryIn(backoffMs(attempt++, random, 1000));
    else if (comesBack) setTimeout(wake, random() * comeBackMs);
    comesBack = false;
  });

  const wake = () => {
    // A handshake under way is let be. An attempt without a transport yet may be one that hangs from before.
    const soon = Date.now() - wokenAt < wakePauseMs;
    if (!wanted || soon || socket.connected || manager._readyState === "open") return;
    wokenAt = Date.now();
    clearTimeout(retryTimer);
    socket.disconnect();
    socket.connect();
  };

  return {
    socket,
    connect: () => {
      if (wanted) return;
      wanted = true;
      attempt = failures = 0;
      askFresh = askedFresh = false;
      options.onConnecting();
      socket.connect();
    },
    close: () => {
      if (wanted) end("closed");
      else stopTimers();
    },
    drop: () => {
      if (socket.connected) manager.engine.close();
    },
    wake,
  };
};
