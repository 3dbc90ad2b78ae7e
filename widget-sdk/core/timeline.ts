import type { Audience, Entry } from "../../server/contract/entities.ts";
import { applyChange } from "./activity.ts";
import type { Timeline } from "./state.ts";

/** Beyond this many missed entries a fresh page costs less than all that was missed. */
export const farBehind = 2000;
/** More than this is not kept beyond a gap: sync brings it anyway. */
const earlyLimit = 1000;

/** A timeline followed from `heldSeq` on, without what came before. */
export const followTimeline = (conversationId: string, audience: Audience, heldSeq: number): Timeline => ({
  conversationId,
  audience,
  entries: [],
  heldSeq,
  early: [],
  headSeq: heldSeq,
  opened: false,
});

/** The seq of the oldest loaded entry; one past the end when none is loaded. */
export const firstSeq = (timeline: Timeline): number => timeline.entries[0]?.seq ?? timeline.heldSeq + 1;

export const lacksEntries = (timeline: Timeline): boolean => timeline.headSeq > timeline.heldSeq;

export const withHead = (timeline: Timeline, headSeq: number): Timeline =>
  headSeq > timeline.headSeq ? { ...timeline, headSeq } : timeline;

const bySeq = (a: Entry, b: Entry) => a.seq - b.seq;

/** Keeps what lies beyond the gap, each seq once; what comes later in `more` wins. */
const joinEarly = (early: Entry[], more: Entry[]): Entry[] => {
  const bySeqHeld = new Map([...early, ...more].map((entry) => [entry.seq, entry]));
  return [...bySeqHeld.values()].toSorted(bySeq).slice(0, earlyLimit);
};

/** Moves what follows without a gap from `early` to `entries`. `entries` is owned by the caller. */
const settle = (timeline: Timeline, entries: Entry[], early: Entry[]): Timeline => {
  let heldSeq = entries.at(-1)?.seq ?? timeline.heldSeq;
  let used = 0;
  for (const entry of early) {
    if (entry.seq > heldSeq + 1) break;
    used += 1;
    if (entry.seq <= heldSeq) continue;
    entries.push(entry);
    applyChange(entries, entry);
    heldSeq = entry.seq;
  }
  const rest = used > 0 ? early.slice(used) : early;
  const headSeq = Math.max(timeline.headSeq, rest.at(-1)?.seq ?? 0, heldSeq);
  return { ...timeline, entries, early: rest, heldSeq, headSeq };
};

/** Takes in one live entry: shown when it is the next, kept aside when it is not, ignored when it is held already. */
export const appendEntry = (timeline: Timeline, entry: Entry): Timeline => {
  if (entry.seq <= timeline.heldSeq) return timeline;
  if (entry.seq === timeline.heldSeq + 1) return settle(timeline, [...timeline.entries], [entry, ...timeline.early]);
  if (timeline.early.some((early) => early.seq === entry.seq)) return timeline;
  return {
    ...timeline,
    early: joinEarly(timeline.early, [entry]),
    headSeq: Math.max(timeline.headSeq, entry.seq),
  };
};

/** Forgets what was held and starts from `page`, keeping aside what arrived live after it. */
export const replaceEntries = (timeline: Timeline, page: Entry[], keepNewer: boolean): Timeline => {
  const heldSeq = page.at(-1)?.seq ?? timeline.heldSeq;
  const newer = keepNewer ? joinEarly(timeline.entries, timeline.early).filter((entry) => entry.seq > heldSeq) : [];
  return settle({ ...timeline, heldSeq, headSeq: keepNewer ? timeline.headSeq : heldSeq }, [...page], newer);
};

/**
 * Takes in `page`, entries without a gap as a fetch returned them.
 *
 * Fetched messages carry every change up to `asOf` already, so only later ones are applied to them; a change in the page is
 * applied to messages held before. Of a page that touches neither end of what is held only the head is learned: sync
 * fills the gap from what is held, page included.
 */
export const mergePage = (timeline: Timeline, page: Entry[], asOf: number): Timeline => {
  const from = page[0]?.seq;
  const to = page.at(-1)?.seq;
  if (from === undefined || to === undefined) return timeline;
  const first = firstSeq(timeline);
  if (from > timeline.heldSeq + 1) return withHead(timeline, to);
  if (to < first - 1) return timeline;
  const older = page.filter((entry) => entry.seq < first);
  for (const held of timeline.entries) if (held.seq > asOf) applyChange(older, held);
  const newer = page.filter((entry) => entry.seq > timeline.heldSeq);
  const held = [...timeline.entries];
  for (const entry of newer) applyChange(held, entry);
  return settle(timeline, [...older, ...held, ...newer], timeline.early);
};
