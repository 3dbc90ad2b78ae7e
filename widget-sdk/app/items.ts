import type { Author, Entry, Reaction } from "../../server/contract/entities.ts";
import type { ErrorBody } from "../../server/contract/errors.ts";
import type { OutboxMessage } from "../core/state.ts";
import { deliveryOf } from "../core/view.ts";
import type { Delivery } from "../core/view.ts";
import { dayOf } from "./time.ts";

/** Messages by one person within this time stand together. */
const groupMs = 5 * 60_000;

export type MessageItem = {
  kind: "message";
  key: string;
  mine: boolean;
  author: Author;
  at: string;
  body?: string | undefined;
  seq?: number | undefined;
  clientId?: string | undefined;
  state: Delivery | "sending" | "failed";
  error?: ErrorBody | undefined;
  edited: boolean;
  deleted: boolean;
  reactions: Reaction[];
  replyTo?: { name: string; body: string } | undefined;
  /** First and last of its group: where the name, the face and the time go. */
  first: boolean;
  last: boolean;
};

export type Item =
  | { kind: "day"; key: string; at: string }
  | { kind: "line"; key: string; at: string; text: string }
  | MessageItem;

/** What is left of the words of a message that was deleted. */
export const deletedMessage = "Message deleted";

type Options = {
  entries: Entry[];
  pending: OutboxMessage[];
  isMine: (author: Author) => boolean;
  reach: { deliveredSeq: number; readSeq: number };
};

/** What an activity says to the visitor; undefined for those that show on the message they change. */
export const lineOf = (entry: Entry, mine: boolean): string | undefined => {
  const who = mine ? "You" : (entry.author.name ?? "An agent");
  const { activity } = entry;
  switch (activity?.type) {
    case "assigned":
      return `${activity.agentName ?? "An agent"} joined the conversation`;
    case "unassigned":
      return "You are waiting for the next free agent";
    case "transferred": {
      const to = activity.agentName ?? activity.departmentName ?? "another agent";
      return activity.reason === "fallback"
        ? `You are in the queue of ${to} now, so that you get a reply sooner`
        : `${to} will help you now`;
    }
    case "requeued":
      return `${activity.previousAgentName ?? "The agent"} had to leave. You are waiting for the next free agent`;
    case "resolved":
      return entry.author.kind === "system" ? "The conversation was ended" : `${who} ended the conversation`;
    case "reopened":
      return entry.author.kind === "system" ? "The conversation was reopened" : `${who} reopened the conversation`;
    default:
      return undefined;
  }
};

const nameOf = (author: Author, mine: boolean) => (mine ? "You" : (author.name ?? "Agent"));

/**
 * The lines of a conversation from top to bottom. A message of one's own keeps its key from the outbox into the timeline,
 * so that nothing flickers when it arrives.
 */
export const itemsOf = ({ entries, pending, isMine, reach }: Options): Item[] => {
  const items: Item[] = [];
  const bySeq = new Map(entries.map((entry) => [entry.seq, entry]));
  const me: Author = { kind: "contact" };
  let before: MessageItem | undefined;
  let day: number | undefined;

  const beginDay = (at: string) => {
    const of = dayOf(at);
    if (day !== undefined && of <= day) return;
    day = of;
    before = undefined;
    items.push({ kind: "day", key: `day ${of}`, at });
  };

  const quote = (seq: number | undefined) => {
    const quoted = seq === undefined ? undefined : bySeq.get(seq);
    if (seq === undefined) return undefined;
    if (quoted?.kind !== "message") return { name: "", body: "An earlier message" };
    return { name: nameOf(quoted.author, isMine(quoted.author)), body: quoted.body ?? deletedMessage };
  };

  const push = (item: MessageItem) => {
    const sameGroup =
      before !== undefined &&
      before.mine === item.mine &&
      before.author.id === item.author.id &&
      Date.parse(item.at) - Date.parse(before.at) < groupMs;
    if (sameGroup && before) before.last = false;
    item.first = !sameGroup;
    items.push(item);
    before = item;
  };

  for (const entry of entries) {
    const mine = isMine(entry.author);
    if (entry.kind === "activity") {
      const text = lineOf(entry, mine);
      if (text === undefined) continue;
      beginDay(entry.createdAt);
      items.push({ kind: "line", key: entry.id, at: entry.createdAt, text });
      before = undefined;
      continue;
    }
    beginDay(entry.createdAt);
    push({
      kind: "message",
      key: (mine && entry.clientId) || entry.id,
      mine,
      author: entry.author,
      at: entry.createdAt,
      body: entry.body,
      seq: entry.seq,
      state: deliveryOf(entry, reach),
      edited: entry.editedAt !== undefined,
      deleted: entry.deletedAt !== undefined,
      reactions: entry.reactions ?? [],
      replyTo: quote(entry.replyToSeq),
      first: true,
      last: true,
    });
  }
  for (const message of pending) {
    // A clock that is behind must not open a day above what is there already.
    beginDay(message.createdAt);
    push({
      kind: "message",
      key: message.clientId,
      mine: true,
      author: before?.mine ? before.author : me,
      at: message.createdAt,
      body: message.body,
      clientId: message.clientId,
      state: message.state === "sent" ? "sent" : message.state,
      error: message.error,
      edited: false,
      deleted: false,
      reactions: [],
      replyTo: quote(message.replyToSeq),
      first: true,
      last: true,
    });
  }
  return items;
};
