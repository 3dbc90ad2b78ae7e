import type { Availability, Conversation } from "../../server/contract/entities.ts";
import type { PresenceChange } from "../../server/contract/shared.ts";
import type { Action } from "./actions.ts";
import { reduceOutbox, settleOutbox } from "./outbox-state.ts";
import { beginSession } from "./session-state.ts";
import { actorKey, audiencesOf, headOf, initialState, timelineKey } from "./state.ts";
import type { ClientState, Timeline } from "./state.ts";
import { appendEntry, firstSeq, followTimeline, mergePage, replaceEntries, withHead } from "./timeline.ts";
import { recountUnread, takeConversation, touchConversation } from "./unread.ts";

/** How long a typing signal stands without being repeated. */
export const typingMs = 6000;

/** Puts a changed timeline into the state and brings along what follows from its new entries. */
const withTimeline = (state: ClientState, timeline: Timeline): ClientState => {
  const { conversationId, audience } = timeline;
  const key = timelineKey(conversationId, audience);
  const before = state.timelines[key];
  if (before === timeline) return state;
  const next = { ...state, timelines: { ...state.timelines, [key]: timeline } };
  const from = before?.heldSeq ?? -1;
  if (before && timeline.heldSeq === from && timeline.entries === before.entries) return next;
  const fresh = timeline.entries.slice(Math.max(0, from + 1 - firstSeq(timeline)));
  const held = next.conversations[conversationId];
  if (held) {
    const touched = fresh.reduce(touchConversation, held);
    if (touched !== held) next.conversations = { ...next.conversations, [conversationId]: touched };
  }
  const typists = next.typing[key];
  if (typists && fresh.length > 0) {
    const wrote = new Set(fresh.map(({ author }) => actorKey(author)));
    next.typing = { ...next.typing, [key]: typists.filter(({ actor }) => !wrote.has(actorKey(actor))) };
  }
  return recountUnread(settleOutbox(next, fresh), conversationId);
};

/** The timeline held, or one that follows from `heldSeq` on. */
const timelineOf = (state: ClientState, conversationId: string, audience: Timeline["audience"], heldSeq: number) =>
  state.timelines[timelineKey(conversationId, audience)] ?? followTimeline(conversationId, audience, heldSeq);

/** A conversation's heads are news to its timelines: what they lack is pulled even if the entry's own event was lost. */
const learnHeads = (state: ClientState, conversationId: string): ClientState => {
  const conversation = state.conversations[conversationId];
  if (!conversation) return state;
  return audiencesOf(state).reduce((next, audience) => {
    const timeline = next.timelines[timelineKey(conversationId, audience)];
    const head = headOf(conversation, audience);
    return timeline && head !== undefined ? withTimeline(next, withHead(timeline, head)) : next;
  }, state);
};

const open = (state: ClientState, action: Extract<Action, { type: "opened" }>): ClientState => {
  const { conversation, entries, receipts, replace } = action;
  let next = takeConversation(state, conversation, true);
  for (const receipt of receipts) next = takeReceipt(next, conversation.id, receipt);
  for (const audience of audiencesOf(next)) {
    const head = headOf(conversation, audience);
    if (head === undefined) continue;
    const page = entries.filter((entry) => entry.audience === audience).toSorted((a, b) => a.seq - b.seq);
    const held = timelineOf(next, conversation.id, audience, page.length > 0 ? page[0]!.seq - 1 : head);
    const from = page[0]?.seq ?? head + 1;
    const to = page.at(-1)?.seq ?? head;
    const apart = !held.opened && (from > held.heldSeq + 1 || to < firstSeq(held) - 1);
    // Held is what lies here, not what a session was told: an answer from before that may hold less, or nothing.
    const anew = { ...held, heldSeq: Math.min(held.heldSeq, to) };
    const merged = replace || apart ? replaceEntries(anew, page, !replace) : mergePage(held, page, to);
    next = withTimeline(next, withHead({ ...merged, opened: true }, head));
  }
  return recountUnread(next, conversation.id);
};

const takeReceipt = (
  state: ClientState,
  conversationId: string,
  receipt: Extract<Action, { type: "receipt" }>["receipt"],
): ClientState => {
  const key = timelineKey(conversationId, receipt.audience);
  const actor = actorKey(receipt.actor);
  const held = state.receipts[key]?.[actor];
  const deliveredSeq = Math.max(held?.deliveredSeq ?? 0, receipt.deliveredSeq, receipt.readSeq);
  const readSeq = Math.max(held?.readSeq ?? 0, receipt.readSeq);
  if (held && held.deliveredSeq === deliveredSeq && held.readSeq === readSeq) return state;
  const {
    audience,
    actor: { kind, id },
  } = receipt;
  const of = { ...state.receipts[key], [actor]: { audience, actor: { kind, id }, deliveredSeq, readSeq } };
  return { ...state, receipts: { ...state.receipts, [key]: of } };
};

const take = (state: ClientState, action: Extract<Action, { type: "typing" | "ticked" }>): ClientState => {
  if (action.type === "ticked") {
    const live = Object.entries(state.typing)
      .map(([key, typists]) => [key, typists.filter(({ untilMs }) => untilMs > action.nowMs)] as const)
      .filter(([, typists]) => typists.length > 0);
    return { ...state, typing: Object.fromEntries(live) };
  }
  const key = timelineKey(action.conversationId, action.audience);
  const others = (state.typing[key] ?? []).filter(({ actor }) => actorKey(actor) !== actorKey(action.actor));
  const typists = action.typing ? [...others, { actor: action.actor, untilMs: action.nowMs + typingMs }] : others;
  return { ...state, typing: { ...state.typing, [key]: typists } };
};

const takePresence = (
  held: ClientState["presence"],
  { actor, presence, availability }: PresenceChange,
): ClientState["presence"] => {
  const key = actorKey(actor);
  return { ...held, [key]: { ...held[key], presence, ...(availability && { availability }) } };
};

/** Of oneself: colleagues' is told as their presence, and one's own stands there as well. */
const takeAvailability = (state: ClientState, availability: Availability): ClientState => {
  const { actor } = state.session;
  const key = actor && actorKey(actor);
  const held = key && state.presence[key];
  const presence = held ? { ...state.presence, [key]: { ...held, availability } } : state.presence;
  return { ...state, presence, session: { ...state.session, availability } };
};

/** Whoever waits no longer has no place in the queue, also when nobody says so. */
const leaveQueue = (state: ClientState, conversationId: string): ClientState =>
  conversationId in state.queue && state.conversations[conversationId]?.status !== "queued"
    ? { ...state, queue: withoutKey(state.queue, conversationId) }
    : state;

const withoutKey = <T>(record: Record<string, T>, key: string): Record<string, T> => {
  const { [key]: _gone, ...rest } = record;
  return rest;
};

const takeNews = (state: ClientState, conversation: Conversation): ClientState =>
  leaveQueue(learnHeads(takeConversation(state, conversation, false), conversation.id), conversation.id);

const without = <T>(record: Record<string, T>, conversationId: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => !key.startsWith(conversationId)));

/** The state after `action`. Pure; returns the same state when nothing changes. */
export const reduce = (state: ClientState, action: Action): ClientState => {
  switch (action.type) {
    case "forgotten":
      return initialState;
    case "connecting":
    case "offline":
    case "ended": {
      const { error: _error, endedReason: _reason, ...session } = state.session;
      const error = "error" in action && action.error ? { error: action.error } : {};
      const ended = action.type === "ended" ? { endedReason: action.reason } : {};
      return { ...state, typing: {}, session: { ...session, status: action.type, ...error, ...ended } };
    }
    case "ready":
      return beginSession(state, action.ready, action.nowMs);
    case "availability":
      return takeAvailability(state, action.availability);
    case "fetched":
      return action.conversations.reduce(
        (next, conversation) => learnHeads(takeConversation(next, conversation, true), conversation.id),
        state,
      );
    case "updated":
      return takeNews(state, action.conversation);
    case "opened":
      return open(state, action);
    case "synced": {
      const { conversationId, audience, entries, headSeq } = action.timeline;
      const timeline = state.timelines[timelineKey(conversationId, audience)];
      if (!timeline) return state;
      const merged = mergePage(timeline, entries, entries.at(-1)?.seq ?? 0);
      return withTimeline(state, withHead(merged, headSeq));
    }
    case "paged": {
      const timeline = state.timelines[timelineKey(action.conversationId, action.audience)];
      const page = action.entries.toSorted((a, b) => a.seq - b.seq);
      return timeline ? withTimeline(state, mergePage(timeline, page, action.asOf)) : state;
    }
    case "appended": {
      const { entry } = action;
      const timeline = timelineOf(state, entry.conversationId, entry.audience, entry.seq - 1);
      return withTimeline(state, appendEntry(timeline, entry));
    }
    case "head": {
      // Of a conversation that is only listed, whatever the list did not know yet is pulled: preview and unread follow.
      const listed = state.conversations[action.conversationId];
      const known = (listed && headOf(listed, action.audience)) ?? action.headSeq;
      const timeline = timelineOf(state, action.conversationId, action.audience, Math.min(known, action.headSeq));
      return withTimeline(state, withHead(timeline, action.headSeq));
    }
    case "dropped": {
      const { conversationId: id } = action;
      const next = { ...state, timelines: without(state.timelines, id), typing: without(state.typing, id) };
      if (!action.forget) return next;
      const { conversations, counted, receipts, queue, offers } = state;
      return {
        ...next,
        queue: without(queue, id),
        offers: without(offers, id),
        conversations: without(conversations, id),
        counted: without(counted, id),
        receipts: without(receipts, id),
      };
    }
    case "receipt":
      return recountUnread(takeReceipt(state, action.conversationId, action.receipt), action.conversationId);
    case "typing":
    case "ticked":
      return take(state, action);
    case "presence":
      return { ...state, presence: action.changes.reduce(takePresence, state.presence) };
    case "placed":
      return { ...state, queue: { ...state.queue, [action.conversationId]: action.place } };
    case "inbox":
      return { ...state, session: { ...state.session, inbox: action.inbox } };
    case "offered": {
      const next = takeNews(state, action.offer.conversation);
      return { ...next, offers: { ...state.offers, [action.offer.conversation.id]: action.offer } };
    }
    case "offerEnded":
      return { ...state, offers: withoutKey(state.offers, action.conversationId) };
    case "acked": {
      const { entry } = action;
      const timeline = timelineOf(state, entry.conversationId, entry.audience, entry.seq - 1);
      const next = withTimeline(state, withHead(appendEntry(timeline, entry), action.headSeq));
      return reduceOutbox(next, action);
    }
    case "started": {
      const { conversation, entry } = action;
      let next = takeConversation(reduceOutbox(state, action), conversation, true);
      for (const audience of audiencesOf(next)) {
        const head = headOf(conversation, audience);
        if (head === undefined) continue;
        const held = timelineOf(next, conversation.id, audience, 0);
        // Held from the first entry on: what arrived before the answer waits until the start is there.
        const whole = held.opened ? held : replaceEntries({ ...held, heldSeq: 0 }, [], true);
        const own = entry && entry.audience === audience ? [entry] : [];
        const merged = mergePage({ ...whole, opened: true }, own, entry?.seq ?? 0);
        next = withTimeline(next, withHead(merged, head));
      }
      return recountUnread(next, conversation.id);
    }
    case "queued":
    case "restored":
    case "refused":
    case "retried":
    case "discarded":
      return reduceOutbox(state, action);
  }
};
