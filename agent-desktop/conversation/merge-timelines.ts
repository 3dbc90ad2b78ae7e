import type { Audience, Entry } from "../../server/contract/entities.ts";

/** What is held of one timeline: entries by seq without a gap; `complete` when nothing older remains to fetch. */
export type HeldTimeline = { entries: readonly Entry[]; complete: boolean };
export type HeldTimelines = Record<Audience, HeldTimeline>;

const floorOf = ({ entries, complete }: HeldTimeline): number =>
  complete || !entries[0] ? Number.NEGATIVE_INFINITY : Date.parse(entries[0].createdAt);

const from = (entries: readonly Entry[], floor: number): readonly Entry[] => {
  const first = entries.findIndex((entry) => Date.parse(entry.createdAt) >= floor);
  return first < 0 ? [] : entries.slice(first);
};

/**
 * Both timelines as one list: by time between them, strictly by seq within each, whatever the clocks said. What lies
 * before the oldest held entry of a timeline that goes on further back is left out, since something would be missing there.
 */
export const mergeTimelines = (held: HeldTimelines): Entry[] => {
  const floor = Math.max(floorOf(held.public), floorOf(held.internal));
  const spoken = from(held.public.entries, floor);
  const noted = from(held.internal.entries, floor);
  const merged: Entry[] = [];
  let p = 0;
  let n = 0;
  for (;;) {
    const a = spoken[p];
    const b = noted[n];
    if (!a && !b) return merged;
    if (a && (!b || Date.parse(a.createdAt) <= Date.parse(b.createdAt))) {
      merged.push(a);
      p += 1;
    } else if (b) {
      merged.push(b);
      n += 1;
    }
  }
};

/** Whose older entries to fetch next so that the merged list reaches further back; none when both are complete. */
export const audiencesToExtend = (held: HeldTimelines): Audience[] => {
  const open = (["public", "internal"] as const).filter((audience) => !held[audience].complete);
  const floor = Math.max(...open.map((audience) => floorOf(held[audience])));
  return open.filter((audience) => held[audience].entries.length === 0 || floorOf(held[audience]) === floor);
};
