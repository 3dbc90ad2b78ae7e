import type { TimelineItem } from "./timeline-items.ts";

/** The key of the last row that keeps its place: what is still on its way moves down with every arrival. */
export const lastStanding = (items: readonly TimelineItem[]): string | null =>
  items.findLast(({ kind }) => kind !== "pending")?.key ?? null;

/** How many messages by others stand below the row `leftAt`, the last one when the end went out of view. */
export const countUnseen = (items: readonly TimelineItem[], leftAt: string): number => {
  const from = items.findLastIndex(({ key }) => key === leftAt);
  return from < 0 ? 0 : items.slice(from + 1).filter((item) => item.kind === "message" && !item.mine).length;
};
