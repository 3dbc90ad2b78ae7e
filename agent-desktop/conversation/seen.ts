/** So long an entry must stand in view before its reader counts as having seen it. */
export const glanceMs = 1000;

type Arrival = { seq: number; at: number };
/** Per conversation, what came into view and when: settled ones but the last are dropped. */
const arrivals = new Map<string, Arrival[]>();

const isSettled =
  (now: number) =>
  ({ at }: Arrival) =>
    now - at >= glanceMs;

/**
 * Notes that the public timeline was in view, at its end, up to `headSeq` at `now`. A reply that a colleague sent in the
 * last moment before ours is in view but was not read: it counts only after a glance.
 */
export const noteInView = (conversationId: string, headSeq: number, now: number): void => {
  const held = arrivals.get(conversationId);
  // What stands there when a conversation is opened is read by opening it.
  if (!held) return noteSeen(conversationId, headSeq);
  if (headSeq <= (held.at(-1)?.seq ?? 0)) return;
  const kept = held.slice(Math.max(0, held.findLastIndex(isSettled(now))));
  arrivals.set(conversationId, [...kept, { seq: headSeq, at: now }]);
};

/** Notes that everything up to `headSeq` has been seen for certain. */
export const noteSeen = (conversationId: string, headSeq: number): void => {
  arrivals.set(conversationId, [{ seq: headSeq, at: Number.NEGATIVE_INFINITY }]);
};

/** The newest public seq the person has seen by `now`; undefined before the conversation was in view at all. */
export const seenSeq = (conversationId: string, now: number): number | undefined =>
  arrivals.get(conversationId)?.findLast(isSettled(now))?.seq;
