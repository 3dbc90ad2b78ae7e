import type { Conversation } from "../../server/contract/entities.ts";
import type { Action } from "./actions.ts";
import { askedWaitMs, backoffMs } from "./backoff.ts";
import { bodyOfError, ParleyError, toParleyError } from "./errors.ts";
import type { AnyRequest } from "./requests.ts";
import type { ClientState, OutboxMessage } from "./state.ts";

/** Keeps what is not acked yet, so that a closed page loses nothing. Called with the whole outbox, after every change. */
export type OutboxStore = {
  load: () => OutboxMessage[] | Promise<OutboxMessage[]>;
  save: (messages: OutboxMessage[]) => void;
};

export const memoryOutbox = (): OutboxStore => ({ load: () => [], save: () => {} });

export type Sender = {
  /** Sends what is due. Cheap; called after every change. */
  flush: () => void;
  /** Resolves with the conversation a `start` became; rejects when it is refused for good or taken back. */
  started: (clientId: string) => Promise<Conversation>;
  stop: () => void;
};

type Options = {
  getState: () => ClientState;
  dispatch: (action: Action) => void;
  request: AnyRequest;
  random: () => number;
  contact: () => boolean;
};

type Lane = { busy: boolean; attempt: number; timer?: ReturnType<typeof setTimeout> };

const payloadOf = (message: OutboxMessage, isContact: boolean): object => {
  const { kind, clientId, conversationId, body, audience, replyToSeq, seenSeq } = message;
  const { subject, departmentId, fields, name, email } = message;
  if (kind === "start") {
    return {
      clientId,
      ...(body !== undefined && { body }),
      ...(subject !== undefined && { subject }),
      ...(departmentId !== undefined && { departmentId }),
      ...(fields !== undefined && { fields }),
      ...(name !== undefined && { name }),
      ...(email !== undefined && { email }),
    };
  }
  return {
    conversationId,
    clientId,
    body,
    ...(replyToSeq !== undefined && { replyToSeq }),
    // A contact has one timeline: the widget's command knows no audience.
    ...(!isContact && audience !== "public" && { audience }),
    ...(!isContact && seenSeq !== undefined && { seenSeq }),
  };
};

/**
 * Sends the outbox: one message at a time per conversation, so that order survives retries, each with its own `clientId`
 * until it is acked or refused for good. A lost ack therefore never makes a second message.
 */
export const createSender = ({ getState, dispatch, request, random, contact }: Options): Sender => {
  const lanes = new Map<string, Lane>();
  const waiters = new Map<string, { resolve: (conversation: Conversation) => void; reject: (error: Error) => void }>();

  const laneOf = (conversationId: string): Lane => {
    let lane = lanes.get(conversationId);
    if (!lane) lanes.set(conversationId, (lane = { busy: false, attempt: 0 }));
    return lane;
  };

  const succeed = (message: OutboxMessage, data: any) => {
    if (message.kind === "send") {
      dispatch({ type: "acked", clientId: message.clientId, entry: data.entry, headSeq: data.headSeq });
      return;
    }
    const { conversation, entry } = data;
    dispatch({ type: "started", clientId: message.clientId, conversation, ...(entry && { entry }) });
    waiters.get(message.clientId)?.resolve(conversation);
    waiters.delete(message.clientId);
  };

  const refuse = (message: OutboxMessage, error: ParleyError) => {
    dispatch({ type: "refused", clientId: message.clientId, error: bodyOfError(error) });
    waiters.get(message.clientId)?.reject(error);
    waiters.delete(message.clientId);
  };

  const transmit = async (message: OutboxMessage, lane: Lane) => {
    lane.busy = true;
    let wait: number | undefined;
    try {
      const command = message.kind === "start" ? "conversation:start" : "message:send";
      const data = await request(command, payloadOf(message, contact()));
      lane.attempt = 0;
      succeed(message, data);
    } catch (thrown) {
      const error = toParleyError(thrown);
      // Without a session nothing is refused: the next one decides.
      if (error.retryable || error.code === "unauthenticated") {
        wait = Math.max(askedWaitMs(error.details), backoffMs(lane.attempt++, random, 300));
      } else refuse(message, error);
    }
    lane.busy = false;
    // Without a session there is nothing to wait for: the next one flushes.
    if (wait === undefined || getState().session.status !== "online") flush();
    else {
      lane.timer = setTimeout(() => {
        lane.timer = undefined;
        flush();
      }, wait);
    }
  };

  const flush = () => {
    const { outbox, session } = getState();
    for (const clientId of waiters.keys()) {
      if (outbox.some((message) => message.clientId === clientId)) continue;
      if (Object.hasOwn(getState().started, `new:${clientId}`)) continue;
      const gone = { code: "conflict", message: "It was taken back", retryable: false } as const;
      waiters.get(clientId)?.reject(new ParleyError(gone));
      waiters.delete(clientId);
    }
    if (session.status !== "online") return;
    const seen = new Set<string>();
    for (const message of outbox) {
      if (message.state !== "sending" || seen.has(message.conversationId)) continue;
      seen.add(message.conversationId);
      // What was written after a start waits until the start has a conversation to go to.
      if (message.kind === "send" && message.conversationId.startsWith("new:")) continue;
      const lane = laneOf(message.conversationId);
      if (!lane.busy && lane.timer === undefined) void transmit(message, lane);
    }
  };

  return {
    flush,
    started: (clientId) =>
      new Promise((resolve, reject) => {
        waiters.set(clientId, { resolve, reject });
      }),
    stop: () => {
      for (const lane of lanes.values()) clearTimeout(lane.timer);
      lanes.clear();
    },
  };
};
