import type { Conversation, Entry } from "../../server/contract/entities.ts";

type Known = Record<string, Conversation>;

const isLater = (entry: Entry, before: Entry | undefined) =>
  !before || before.audience !== entry.audience
    ? !before || Date.parse(entry.createdAt) > Date.parse(before.createdAt)
    : entry.seq > before.seq;

/**
 * The conversations in which a contact wrote something new between two states, and which concern the viewer: their own and
 * those that wait for anybody. What was merely learned of by listing (`before` did not know it and it is not fresh) is no news.
 */
export const alertWorthy = (before: Known, after: Known, me: string, now: number): Conversation[] => {
  if (before === after) return [];
  return Object.values(after).filter((conversation) => {
    const held = before[conversation.id];
    const { lastEntry, assigneeId, status } = conversation;
    if (held === conversation || !lastEntry || lastEntry.kind !== "message") return false;
    if (lastEntry.author.kind !== "contact" || !(assigneeId === me || status === "queued")) return false;
    if (!held) return now - Date.parse(lastEntry.createdAt) < 30_000;
    return isLater(lastEntry, held.lastEntry);
  });
};
