import { randomUUID } from "node:crypto";
import { io } from "socket.io-client";
import type { Socket } from "socket.io-client";
import type { Ack } from "../../server/contract/define.ts";
import type { TestNode } from "../support/nodes.ts";
import type { Random } from "../support/random.ts";
import type { TestTenant } from "../support/tenant.ts";
import { sleep } from "../support/wait.ts";

type Place = { list: TestNode[]; random: Random };

const patienceMs = 5_000;

/** One command; what does not come back in time may have happened or not, which is the caller's to find out. */
const command = (socket: Socket, name: string, payload: object): Promise<Ack<any> | undefined> =>
  socket
    .timeout(patienceMs)
    .emitWithAck(name, payload)
    .then(
      (answer: Ack<any>) => answer,
      () => undefined,
    );

/** Connects to any node that lets one in, and comes back by itself, to any node, until it is told to stay away. */
const keepConnected = (namespace: string, auth: object, origin: string | undefined, place: Place) => {
  let socket: Socket | undefined;
  let wanted = false;
  const connect = (onSocket: (socket: Socket) => void): void => {
    const { url } = place.random.pick(place.list);
    const next = io(`${url}${namespace}`, {
      auth,
      transports: ["websocket"],
      forceNew: true,
      reconnection: false,
      timeout: 2_000,
      ...(origin && { extraHeaders: { origin } }),
    });
    socket = next;
    onSocket(next);
    const again = () => {
      if (!wanted || socket !== next) return;
      next.close();
      setTimeout(() => wanted && socket === next && connect(onSocket), place.random.between(50, 400));
    };
    next.on("disconnect", again);
    next.on("connect_error", again);
  };
  return {
    get socket() {
      return socket;
    },
    come: (onSocket: (socket: Socket) => void) => {
      wanted = true;
      connect(onSocket);
    },
    go: () => {
      wanted = false;
      socket?.close();
    },
  };
};

export type BusyAgent = {
  id: string;
  /** Since when the agent is connected, in ms of this process; undefined while away. */
  readonly since: number | undefined;
  come: () => void;
  go: () => void;
};

/**
 * An agent at work: answers offers, most with yes, some with no, some not at all; resolves what they hold after a while.
 * Whatever they hold is learned from what the server says: when it is assigned, and when they connect.
 */
export const createAgent = (
  id: string,
  token: string,
  place: Place,
  pace: { leastMs: number; mostMs: number },
): BusyAgent => {
  const { random } = place;
  const link = keepConnected("/agent", { accessToken: token }, undefined, place);
  const busyWith = new Set<string>();
  let since: number | undefined;

  const handle = async (conversationId: string): Promise<void> => {
    if (busyWith.has(conversationId)) return;
    busyWith.add(conversationId);
    await sleep(random.between(pace.leastMs, pace.mostMs));
    const { socket } = link;
    if (socket?.connected) await command(socket, "conversation:resolve", { conversationId });
    busyWith.delete(conversationId);
    // What an outage swallowed is found again at the next connect or look.
  };
  const answer = async (conversationId: string): Promise<void> => {
    const mood = random.fraction();
    if (mood > 0.9) return;
    await sleep(random.between(20, 400));
    const { socket } = link;
    if (!socket?.connected) return;
    const name = mood > 0.75 ? "offer:decline" : "offer:accept";
    const accepted = await command(socket, name, { conversationId });
    if (name === "offer:accept" && accepted?.ok) void handle(conversationId);
  };
  const look = async (socket: Socket): Promise<void> => {
    const mine = await command(socket, "conversation:list", { view: "mine", limit: 100 });
    if (mine?.ok) for (const conversation of mine.data.conversations) void handle(conversation.id);
    // Ticks as long as this socket lives: what was swallowed by an outage is not forgotten.
    setTimeout(() => socket.connected && void look(socket), 2_000);
  };
  const attend = (socket: Socket): void => {
    socket.on("session:ready", (ready: { offers: { conversation: { id: string } }[] }) => {
      since = Date.now();
      for (const { conversation } of ready.offers) void answer(conversation.id);
      void look(socket);
    });
    socket.on("disconnect", () => {
      since = undefined;
    });
    socket.on(
      "conversation:assigned",
      ({ conversation }: { conversation: { id: string } }) => void handle(conversation.id),
    );
    socket.on(
      "conversation:offered",
      ({ conversation }: { conversation: { id: string } }) => void answer(conversation.id),
    );
    // Whoever missed too many offers is set to away, and comes back to work.
    const comeBack = async (): Promise<void> => {
      await sleep(500);
      if (!socket.connected) return;
      const answer = await command(socket, "availability:set", { availability: "available" });
      if (!answer?.ok) await comeBack();
    };
    socket.on("availability:changed", ({ availability }: { availability: string }) => {
      if (availability === "away") void comeBack();
    });
    socket.on("session:ready", ({ availability }: { availability: string }) => {
      if (availability === "away") void comeBack();
    });
  };
  return {
    id,
    get since() {
      return since;
    },
    come: () => link.come(attend),
    go: () => {
      since = undefined;
      link.go();
    },
  };
};

/** A visitor who starts `count` conversations, one after the other, and does not rest before each is acked. */
export const startConversations = async (
  tenant: TestTenant,
  place: Place,
  { departmentIds, count, pauseMs }: { departmentIds: string[]; count: number; pauseMs: number },
): Promise<string[]> => {
  const { random } = place;
  const auth: { inboxKey: string; visitorToken?: string } = { inboxKey: tenant.inbox.key };
  const link = keepConnected("/widget", auth, tenant.inbox.origin, place);
  link.come((socket) =>
    socket.on("session:ready", ({ visitorToken }: { visitorToken: string }) => {
      auth.visitorToken = visitorToken;
    }),
  );
  const started: string[] = [];
  while (started.length < count) {
    const payload = { clientId: randomUUID(), body: "hello", departmentId: random.pick(departmentIds) };
    for (;;) {
      const { socket } = link;
      const answer = socket?.connected ? await command(socket, "conversation:start", payload) : undefined;
      if (answer?.ok) {
        started.push(answer.data.conversation.id);
        break;
      }
      if (answer && !answer.error.retryable) throw new Error(`refused: ${JSON.stringify(answer.error)}`);
      await sleep(100);
    }
    await sleep(random.between(0, pauseMs * 2));
  }
  link.go();
  return started;
};
