import type { ManagerOptions, Socket, SocketOptions } from "socket.io-client";
import type { Audience, Conversation, Entry } from "../../server/contract/entities.ts";
import type { Action } from "./actions.ts";
import { bodyProblem } from "./body.ts";
import { createConnection } from "./connection.ts";
import type { AskAuth } from "./connection.ts";
import { ParleyError } from "./errors.ts";
import { bindEvents } from "./events.ts";
import { createHealer } from "./healer.ts";
import { newId } from "./ids.ts";
import { provisionalId } from "./outbox-state.ts";
import { reduce } from "./reducer.ts";
import { createRequests } from "./requests.ts";
import type { AnyRequest, Request } from "./requests.ts";
import { createSender, memoryOutbox } from "./sender.ts";
import type { OutboxStore } from "./sender.ts";
import { createReceipts, createTyping } from "./signals.ts";
import { audiencesOf, initialState, timelineKey } from "./state.ts";
import type { ClientState, OutboxMessage } from "./state.ts";
import { firstSeq } from "./timeline.ts";
import type { CommandName, Data, EventData, EventName, Namespace, Payload } from "./wire.ts";

export { ParleyError } from "./errors.ts";
export type { OutboxStore } from "./sender.ts";
export type { ClientState, OutboxMessage } from "./state.ts";

export type ClientOptions<N extends Namespace> = {
  /** Where the server is, for example `https://parley.example`. */
  url: string;
  namespace: N;
  /** The handshake's `auth`, asked at every connect; `fresh` after a refusal as `unauthenticated`, and to renew a session. */
  auth: AskAuth;
  outbox?: OutboxStore;
  socket?: Partial<ManagerOptions & SocketOptions>;
  random?: () => number;
  clientId?: () => string;
  /** Tell the server by itself what arrived; default true. */
  reportDelivery?: boolean;
};

export type Draft = {
  conversationId: string;
  body: string;
  audience?: Audience;
  replyToSeq?: number;
  /** The newest public entry the author had seen; held back when another agent answered after it. */
  seenSeq?: number;
};

export type Start = {
  body?: string;
  subject?: string;
  departmentId?: string;
  fields?: Record<string, string>;
  /** How to reach a visitor who leaves a message while nobody is there. */
  name?: string;
  email?: string;
};

export type Client<N extends Namespace = Namespace> = {
  readonly socket: Socket;
  getState: () => ClientState;
  subscribe: (listener: () => void) => () => void;
  /** Events as the server sent them, after the state took them in. */
  on: <E extends EventName<N>>(event: E, listener: (data: EventData<N, E>) => void) => () => void;
  connect: () => void;
  close: () => void;
  /** Tries to reconnect at once instead of waiting: the network is back, the page is visible again. */
  wake: () => void;
  /** The device says that it has no network: does not wait for the heartbeat to find out. */
  drop: () => void;
  /** Closes, and forgets whatever was held or still to be sent: the person has left this device. */
  forget: () => void;
  /** Any command. Waits for the session within `timeoutMs` (10 s); rejects with ParleyError. */
  request: Request<N>;
  /** Puts a message on its way and returns its client id; what becomes of it stands in the state's outbox. */
  send: (draft: Draft) => string;
  /** Starts a conversation and resolves once it is stored; retried with the same client id until answered. */
  start: (start?: Start) => Promise<Conversation>;
  /** The same without waiting: returns the id under which it is shown until `state.started` names the real one. */
  begin: (start?: Start) => string;
  /** Fetches the newest entries and follows the conversation from then on, also after a reconnect. */
  open: (conversationId: string) => Promise<void>;
  /** Stops following, and forgets the entries. */
  release: (conversationId: string) => void;
  /** Loads one older page; resolves with the number of entries that came, 0 at the beginning. */
  history: (conversationId: string, audience?: Audience, limit?: number) => Promise<number>;
  list: (
    payload?: Payload<N, "conversation:list" & CommandName<N>>,
  ) => Promise<Data<N, "conversation:list" & CommandName<N>>>;
  read: (conversationId: string, audience?: Audience) => void;
  setTyping: (conversationId: string, typing: boolean, audience?: Audience) => void;
  retry: (clientId: string) => void;
  discard: (clientId: string) => void;
};

/** A client of one namespace: its state, and everything that keeps the state true. Runs in Node and in browsers. */
export const createClient = <N extends Namespace>(options: ClientOptions<N>): Client<N> => {
  const { outbox = memoryOutbox(), random = Math.random, clientId = newId, reportDelivery = true } = options;
  const listeners = new Set<() => void>();
  let state = initialState;

  const getState = () => state;

  const dispatch = (action: Action) => {
    const before = state;
    state = reduce(state, action);
    if (state === before) return;
    if (state.outbox !== before.outbox) {
      outbox.save(state.outbox.filter((message) => message.state !== "sent"));
      sender.flush();
    }
    if (state.session !== before.session) requests.settle();
    if (state.typing !== before.typing) typing.check();
    if (state.timelines !== before.timelines) {
      healer.check();
      receipts.check(before);
    }
    for (const listener of listeners) listener();
  };

  const connection = createConnection({
    ...options,
    random,
    onConnecting: () => dispatch({ type: "connecting" }),
    onOffline: (error) => {
      if (state.session.status === "connecting" && !error) return;
      dispatch({ type: "offline", ...(error && { error }) });
    },
    onEnded: (reason, error) => dispatch({ type: "ended", reason, ...(error && { error }) }),
  });
  const { socket } = connection;
  const requests = createRequests(socket, () => state.session);
  const request: AnyRequest = async (command, payload, more) => {
    const data = await requests.request(command, payload, more);
    if (ownAnswers.has(command)) return data;
    // What is answered is news like any other, also when it was asked for by hand.
    if (data?.conversation) dispatch({ type: "fetched", conversations: [data.conversation] });
    const entry: Entry | undefined = data?.entry;
    if (entry && state.timelines[timelineKey(entry.conversationId, entry.audience)])
      dispatch({ type: "appended", entry });
    return data;
  };
  const parts = { getState, dispatch, request, random, reportDelivery };
  const healer = createHealer(parts);
  const receipts = createReceipts(parts);
  const typing = createTyping(parts);
  const sender = createSender({ ...parts, contact: () => options.namespace === "/widget" });
  const paging = new Map<string, Promise<number>>();

  const on = bindEvents<N>(socket, dispatch, {
    ready: () => {
      healer.resume();
      receipts.resume();
      sender.flush();
    },
    expiring: async () => {
      const auth = (await options.auth({ fresh: true })) as { accessToken?: string };
      if (auth.accessToken) await request("session:renew", { accessToken: auth.accessToken });
    },
  });

  const queue = (message: Omit<OutboxMessage, "state" | "createdAt">) => {
    const error = message.body === undefined ? undefined : bodyProblem(message.body);
    const about = error ? { state: "failed" as const, error } : { state: "sending" as const };
    dispatch({ type: "queued", message: { ...message, ...about, createdAt: new Date().toISOString() } });
  };

  const begin = (start: Start, id: string) =>
    queue({ kind: "start", clientId: id, conversationId: provisionalId(id), audience: "public", ...start });

  const history: Client<N>["history"] = (conversationId, audience = "public", limit = 50) => {
    const key = timelineKey(conversationId, audience);
    const known = paging.get(key);
    if (known) return known;
    const timeline = state.timelines[key];
    if (!timeline || firstSeq(timeline) <= 1) return Promise.resolve(0);
    const page = (async () => {
      const asked = { conversationId, audience, beforeSeq: firstSeq(timeline), limit };
      const { entries } = await request("conversation:history", asked);
      dispatch({ type: "paged", conversationId, audience, entries, asOf: timeline.heldSeq });
      return entries.length as number;
    })().finally(() => paging.delete(key));
    paging.set(key, page);
    return page;
  };

  let loaded = false;
  /** What an earlier page left unsent comes first, before anything written now. */
  const loadOutbox = async () => {
    if (loaded) return;
    loaded = true;
    for (const message of await outbox.load()) dispatch({ type: "restored", message });
  };

  const close = () => {
    connection.close();
    for (const part of [healer, receipts, typing, sender]) part.stop();
  };

  return {
    socket,
    getState,
    on,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    connect: () => {
      void loadOutbox();
      connection.connect();
    },
    close,
    forget: () => {
      close();
      dispatch({ type: "forgotten" });
    },
    wake: connection.wake,
    drop: connection.drop,
    request: request as Request<N>,
    send: ({ audience = "public", ...draft }) => {
      const id = clientId();
      typing.set(draft.conversationId, false, audience);
      queue({ kind: "send", clientId: id, audience, ...draft });
      return id;
    },
    begin: (start = {}) => {
      const id = clientId();
      begin(start, id);
      return provisionalId(id);
    },
    start: (start = {}) => {
      const id = clientId();
      const problem = start.body === undefined ? undefined : bodyProblem(start.body);
      if (problem) return Promise.reject(new ParleyError(problem));
      const conversation = sender.started(id);
      begin(start, id);
      return conversation;
    },
    open: async (conversationId) => {
      await healer.open(conversationId);
      // The newest page may be all of one timeline; the other then has entries that none of it shows.
      for (const audience of audiencesOf(state)) {
        const timeline = state.timelines[timelineKey(conversationId, audience)];
        if (timeline && timeline.entries.length === 0) await history(conversationId, audience);
      }
    },
    release: healer.release,
    history,
    list: async (payload) => {
      const page = await request("conversation:list", payload ?? {});
      dispatch({ type: "fetched", conversations: page.conversations });
      return page;
    },
    read: receipts.read,
    setTyping: typing.set,
    retry: (id) => {
      const message = state.outbox.find((held) => held.clientId === id);
      if (message?.state !== "failed") return;
      const held = state.timelines[timelineKey(message.conversationId, "public")];
      // Sent again knowingly: whoever presses it has seen what stands there now.
      const seen = message.seenSeq !== undefined && held ? { seenSeq: held.heldSeq } : {};
      dispatch({ type: "retried", clientId: id, ...seen });
    },
    discard: (id) => dispatch({ type: "discarded", clientId: id }),
  };
};

/** These answers reach the state through the part that asked. */
const ownAnswers = new Set(["conversation:start", "conversation:open", "message:send"]);
