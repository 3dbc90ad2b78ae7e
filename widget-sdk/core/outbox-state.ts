import type { Entry } from "../../server/contract/entities.ts";
import type { Action } from "./actions.ts";
import { actorKey, isMine, timelineKey } from "./state.ts";
import type { ClientState, OutboxMessage } from "./state.ts";

type OutboxAction = Extract<
  Action,
  { type: "queued" | "restored" | "acked" | "started" | "refused" | "retried" | "discarded" }
>;

/** Where a conversation is kept until the server has named it. */
export const provisionalId = (clientId: string): string => `new:${clientId}`;

const change = (state: ClientState, clientId: string, to: (message: OutboxMessage) => OutboxMessage): ClientState => ({
  ...state,
  outbox: state.outbox.map((message) => (message.clientId === clientId ? to(message) : message)),
});

/**
 * Takes out of the outbox what stands in the timeline now: by the author's own client id (the event may come before the
 * ack) or by the seq the ack named.
 */
export const settleOutbox = (state: ClientState, fresh: Entry[]): ClientState => {
  if (state.outbox.length === 0) return state;
  const mine = new Set(
    fresh.filter((entry) => entry.clientId && isMine(state, entry.author)).map((entry) => entry.clientId),
  );
  const outbox = state.outbox.filter(({ kind, clientId, seq, conversationId, audience }) => {
    // A start waits for its own answer all the same: only that names the conversation it became.
    if (mine.has(clientId) && kind === "send") return false;
    return seq === undefined || (state.timelines[timelineKey(conversationId, audience)]?.heldSeq ?? 0) < seq;
  });
  return outbox.length === state.outbox.length ? state : { ...state, outbox };
};

const started = (state: ClientState, action: Extract<Action, { type: "started" }>): ClientState => {
  const { clientId, conversation, entry } = action;
  const from = provisionalId(clientId);
  const outbox = state.outbox
    // What was started without a word, or is stored already without one to wait for, has nothing left to show.
    .filter((message) => message.clientId !== clientId || entry !== undefined)
    .map((message): OutboxMessage => {
      if (message.conversationId !== from) return message;
      const moved = { ...message, conversationId: conversation.id };
      return message.clientId === clientId ? { ...moved, state: "sent", seq: entry!.seq } : moved;
    });
  return { ...state, outbox, started: { ...state.started, [from]: conversation.id } };
};

/** The part of the reducer that knows messages on their way. */
export const reduceOutbox = (state: ClientState, action: OutboxAction): ClientState => {
  switch (action.type) {
    case "queued": {
      const { actor } = state.session;
      const message = actor ? { ...action.message, actor: actorKey(actor) } : action.message;
      return { ...state, outbox: [...state.outbox, message] };
    }
    case "restored": {
      const { message } = action;
      const { actor } = state.session;
      const known = state.outbox.some(({ clientId }) => clientId === message.clientId);
      const foreign = actor && message.actor && message.actor !== actorKey(actor);
      return known || foreign ? state : { ...state, outbox: [...state.outbox, message] };
    }
    case "acked": {
      const { clientId, entry } = action;
      return settleOutbox(
        change(state, clientId, (message) => ({ ...message, state: "sent", seq: entry.seq })),
        [],
      );
    }
    case "started":
      return started(state, action);
    case "refused":
      return change(state, action.clientId, (message) => ({ ...message, state: "failed", error: action.error }));
    case "retried":
      return change(state, action.clientId, ({ error: _error, ...message }) => ({
        ...message,
        state: "sending",
        ...(action.seenSeq !== undefined && { seenSeq: action.seenSeq }),
      }));
    case "discarded": {
      // With a start goes what was written after it: it has no conversation to go to any more.
      const from = provisionalId(action.clientId);
      const outbox = state.outbox.filter(
        ({ clientId, conversationId }) => clientId !== action.clientId && conversationId !== from,
      );
      return { ...state, outbox };
    }
  }
};
