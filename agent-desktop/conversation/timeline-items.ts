import type { Audience, Entry } from "../../server/contract/entities.ts";
import type { OutboxMessage } from "../../widget-sdk/core/state.ts";
import { dayKey } from "../list/when.ts";
import { activityText, type NameOf } from "./activity-text.ts";

/** One row of a conversation on screen. `first` and `last`: of a run of messages by one author, close in time. */
export type TimelineItem =
  | { kind: "day"; key: string; at: string }
  | { kind: "unread"; key: string }
  | { kind: "activity"; key: string; entry: Entry; text: string }
  | { kind: "message"; key: string; entry: Entry; mine: boolean; first: boolean; last: boolean }
  | { kind: "pending"; key: string; message: OutboxMessage; first: boolean; last: boolean };

export type ReadCursors = Record<Audience, number>;

type Viewer = { me: string; nameOf: NameOf };

const runGapMs = 5 * 60_000;

const isMine = (entry: Entry, me: string) => entry.author.kind === "agent" && entry.author.id === me;

// My own message keeps its key from the outbox to the timeline, so that the row stays and only its state changes.
const keyOf = (entry: Entry, me: string) =>
  isMine(entry, me) && entry.clientId ? `mine:${entry.clientId}` : `${entry.audience}:${entry.seq}`;

type Run = { who: string; audience: Audience; at: number; day: string };

const runOf = (item: TimelineItem, me: string): Run | null => {
  if (item.kind === "message") {
    const { author, audience, createdAt } = item.entry;
    return { who: `${author.kind}:${author.id ?? ""}`, audience, at: Date.parse(createdAt), day: dayKey(createdAt) };
  }
  if (item.kind !== "pending") return null;
  const { audience, createdAt } = item.message;
  return { who: `agent:${me}`, audience, at: Date.parse(createdAt), day: dayKey(createdAt) };
};

const continues = (before: Run | null, after: Run | null) =>
  before !== null &&
  after !== null &&
  before.who === after.who &&
  before.audience === after.audience &&
  before.day === after.day &&
  Math.abs(after.at - before.at) <= runGapMs;

const markRuns = (items: TimelineItem[], me: string): TimelineItem[] => {
  const runs = items.map((item) => runOf(item, me));
  return items.map((item, index) =>
    item.kind === "message" || item.kind === "pending"
      ? {
          ...item,
          first: !continues(runs[index - 1] ?? null, runs[index] ?? null),
          last: !continues(runs[index] ?? null, runs[index + 1] ?? null),
        }
      : item,
  );
};

/** Whoever has said something since has seen what was new: the line above it goes. */
const withoutAnswered = (items: TimelineItem[]): TimelineItem[] => {
  const unread = items.findIndex(({ kind }) => kind === "unread");
  const answered = items
    .slice(unread + 1)
    .some((item) => item.kind === "pending" || (item.kind === "message" && item.mine));
  return unread >= 0 && answered ? items.toSpliced(unread, 1) : items;
};

/**
 * The rows of a conversation: merged entries with day headings, activities as sentences, the line above what was unread
 * when the conversation was opened (`readUpTo`) until the viewer answers, and at the end what is still on its way.
 */
export const timelineItems = (
  entries: readonly Entry[],
  outbox: readonly OutboxMessage[],
  { me, nameOf }: Viewer,
  readUpTo: ReadCursors | null,
): TimelineItem[] => {
  const items: TimelineItem[] = [];
  const appended = new Set<string>();
  let day = "";
  let unreadShown = readUpTo === null;
  let readShown = false;
  for (const entry of entries) {
    const text = entry.kind === "activity" ? activityText(entry, me, nameOf) : null;
    if (entry.kind === "activity" && text === null) continue;
    const mine = isMine(entry, me);
    if (mine && entry.clientId) appended.add(entry.clientId);
    if (dayKey(entry.createdAt) !== day) {
      day = dayKey(entry.createdAt);
      items.push({ kind: "day", key: `day:${entry.audience}:${entry.seq}`, at: entry.createdAt });
    }
    if (!unreadShown && entry.kind === "message" && !mine && readUpTo && entry.seq > readUpTo[entry.audience]) {
      unreadShown = true;
      // Without anything read above it, where it belongs is further back than what is loaded.
      if (readShown) items.push({ kind: "unread", key: "unread" });
    }
    readShown = true;
    const key = keyOf(entry, me);
    if (text !== null) items.push({ kind: "activity", key, entry, text });
    else items.push({ kind: "message", key, entry, mine, first: true, last: true });
  }
  for (const message of outbox) {
    if (appended.has(message.clientId)) continue;
    if (dayKey(message.createdAt) !== day && items.length > 0) {
      day = dayKey(message.createdAt);
      items.push({ kind: "day", key: `day:${message.clientId}`, at: message.createdAt });
    }
    items.push({ kind: "pending", key: `mine:${message.clientId}`, message, first: true, last: true });
  }
  return markRuns(withoutAnswered(items), me);
};
