import type { Actor, Audience, Conversation, Entry } from "../../server/contract/entities.ts";
import { isMine, timelineKey } from "./state.ts";
import type { ClientState, OutboxMessage, QueuePlace } from "./state.ts";

/** How far a message of one's own has come, as receipts of the others tell it. */
export type Delivery = "sent" | "delivered" | "read";

/** The furthest any other participant's device holds and any other participant has read. */
export const reachOf = (state: ClientState, conversationId: string, audience: Audience = "public") => {
  const reach = { deliveredSeq: 0, readSeq: 0 };
  for (const receipt of Object.values(state.receipts[timelineKey(conversationId, audience)] ?? {})) {
    if (isMine(state, receipt.actor)) continue;
    reach.deliveredSeq = Math.max(reach.deliveredSeq, receipt.deliveredSeq);
    reach.readSeq = Math.max(reach.readSeq, receipt.readSeq);
  }
  return reach;
};

export const deliveryOf = (entry: Entry, reach: { deliveredSeq: number; readSeq: number }): Delivery => {
  if (entry.seq <= reach.readSeq) return "read";
  return entry.seq <= reach.deliveredSeq ? "delivered" : "sent";
};

/** What a person sees of a timeline: entries without a gap. Empty until it was opened. */
export const entriesOf = (state: ClientState, conversationId: string, audience: Audience = "public"): Entry[] =>
  state.timelines[timelineKey(conversationId, audience)]?.entries ?? [];

/** Messages of one's own that have no place in the timeline yet, in the order they were written. */
export const pendingOf = (state: ClientState, conversationId: string, audience: Audience = "public"): OutboxMessage[] =>
  state.outbox.filter(
    (message) =>
      message.conversationId === conversationId && message.audience === audience && message.body !== undefined,
  );

/** Who types there now, oneself left out: the same person's other tabs type too. */
export const typistsOf = (state: ClientState, conversationId: string, audience: Audience = "public"): Actor[] =>
  (state.typing[timelineKey(conversationId, audience)] ?? [])
    .map(({ actor }) => actor)
    .filter((actor) => !isMine(state, actor));

/** Conversations, the most recently active first. */
export const conversationsOf = (state: ClientState): Conversation[] =>
  Object.values(state.conversations).toSorted((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1));

/** Where a conversation stands in the queue; undefined when it does not wait, or its place is not known yet. */
export const placeOf = (state: ClientState, conversationId: string): QueuePlace | undefined =>
  state.conversations[conversationId]?.status === "queued" ? state.queue[conversationId] : undefined;

/** Unread messages over all known conversations. */
export const unreadOf = (state: ClientState): number =>
  Object.values(state.conversations).reduce((sum, { unread }) => sum + unread, 0);
