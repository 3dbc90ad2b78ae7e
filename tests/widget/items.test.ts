import { describe, expect, test } from "vitest";
import type { Entry } from "../../server/contract/entities.ts";
import { itemsOf } from "../../widget-sdk/app/items.ts";
import type { Item } from "../../widget-sdk/app/items.ts";
import { dayName } from "../../widget-sdk/app/time.ts";
import type { OutboxMessage } from "../../widget-sdk/core/state.ts";
import { agent, conversationId, me } from "./model.ts";

const at = (day: number, minute: number) => new Date(2026, 5, day, 12, minute).toISOString();

const message = (seq: number, author: Entry["author"], createdAt: string, more: Partial<Entry> = {}): Entry => ({
  id: `e${seq}`,
  conversationId,
  audience: "public",
  seq,
  kind: "message",
  author,
  body: `text ${seq}`,
  createdAt,
  ...more,
});

const pending = (clientId: string, createdAt: string): OutboxMessage => ({
  kind: "send",
  clientId,
  conversationId,
  audience: "public",
  body: clientId,
  state: "sending",
  createdAt,
});

const show = (entries: Entry[], outbox: OutboxMessage[] = [], readSeq = 0) =>
  itemsOf({
    entries,
    pending: outbox,
    isMine: (author) => author.id === me.id,
    reach: { deliveredSeq: readSeq, readSeq },
  });

const brief = (item: Item) => {
  if (item.kind === "day") return "day";
  if (item.kind === "line") return item.text;
  return `${item.mine ? "me" : "them"} ${item.body ?? "deleted"}${item.first ? " first" : ""}${item.last ? " last" : ""}`;
};

describe("the lines of a conversation", () => {
  test("a day is named once, and messages by one person within five minutes stand together", () => {
    const entries = [
      message(1, me, at(1, 0)),
      message(2, me, at(1, 4)),
      message(3, me, at(1, 20)),
      message(4, agent, at(1, 21)),
      message(5, agent, at(2, 0)),
    ];
    expect(show(entries).map(brief)).toEqual([
      "day",
      "me text 1 first",
      "me text 2 last",
      "me text 3 first last",
      "them text 4 first last",
      "day",
      "them text 5 first last",
    ]);
  });

  test("facts are told in words, changes of messages are shown on the messages", () => {
    const entries = [
      message(1, me, at(1, 0)),
      message(2, agent, at(1, 1), {
        kind: "activity",
        activity: { type: "assigned", agentId: "a1", agentName: "Sam" },
      }),
      message(3, me, at(1, 2), {
        kind: "activity",
        activity: { type: "message_deleted", seq: 1, deletedAt: at(1, 2) },
      }),
      message(4, me, at(1, 3), { kind: "activity", activity: { type: "resolved" } }),
      message(5, agent, at(1, 4), { kind: "activity", activity: { type: "reopened" } }),
    ];
    expect(show(entries).map(brief)).toEqual([
      "day",
      "me text 1 first last",
      "Sam joined the conversation",
      "You ended the conversation",
      "Sam reopened the conversation",
    ]);
  });

  test("a message on its way keeps its key when it arrives", () => {
    const [, before] = show([], [pending("c1", at(1, 0))]);
    const [, after] = show([message(1, me, at(1, 0), { clientId: "c1" })]);
    expect(before?.key).toBe("c1");
    expect(after?.key).toBe("c1");
  });

  test("a message of somebody else never takes the key of one's own", () => {
    const items = show([message(1, agent, at(1, 0), { clientId: "c1" })], [pending("c1", at(1, 0))]);
    expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
  });

  test("what is on its way joins the group above it, also when the local clock is behind", () => {
    const items = show([message(1, me, at(2, 0))], [pending("c1", at(1, 59))]);
    expect(items.map(brief)).toEqual(["day", "me text 1 first", "me c1 last"]);
  });

  test("each message says how far it has come", () => {
    const items = show([message(1, me, at(1, 0)), message(2, me, at(1, 10))], [pending("c1", at(1, 20))], 1);
    expect(items.flatMap((item) => (item.kind === "message" ? [item.state] : []))).toEqual(["read", "sent", "sending"]);
  });

  test("an answer shows what it answers", () => {
    const items = show([message(1, agent, at(1, 0)), message(2, me, at(1, 1), { replyToSeq: 1 })]);
    expect(items.at(-1)).toMatchObject({ replyTo: { name: "Sam", body: "text 1" } });
  });
});

describe("the name of a day", () => {
  test("is the nearest that says it plainly", () => {
    const now = new Date(2026, 5, 15, 9);
    expect(dayName(new Date(2026, 5, 15, 1).toISOString(), now)).toBe("Today");
    expect(dayName(new Date(2026, 5, 14, 23).toISOString(), now)).toBe("Yesterday");
    expect(dayName(new Date(2026, 5, 10, 12).toISOString(), now)).toBe(
      new Intl.DateTimeFormat(undefined, { weekday: "long" }).format(new Date(2026, 5, 10)),
    );
    expect(dayName(new Date(2025, 11, 31, 12).toISOString(), now)).toContain("2025");
  });
});
