import { describe, expect, test } from "vitest";
import type { Entry } from "../../server/contract/entities.ts";
import type { OutboxMessage } from "../../widget-sdk/core/state.ts";
import { timelineItems, type TimelineItem } from "../../agent-desktop/conversation/timeline-items.ts";
import { countUnseen, lastStanding } from "../../agent-desktop/conversation/unseen.ts";
import { activity, byAgent, me, message, note, pending, viewer } from "./samples.ts";

const kinds = (items: TimelineItem[]) => items.map(({ kind }) => kind);
const runs = (items: TimelineItem[]) =>
  items.flatMap((item) =>
    "first" in item ? [`${item.first ? "first" : ""}${item.last ? "last" : ""}` || "middle"] : [],
  );
const dayMinutes = 24 * 60;

describe("the rows of a conversation", () => {
  test("a day's first entry stands below a heading of that day", () => {
    const items = timelineItems([message(1, 0), message(2, dayMinutes), message(3, dayMinutes + 1)], [], viewer, null);
    expect(kinds(items)).toEqual(["day", "message", "day", "message", "message"]);
  });

  test("messages by one author close in time are one run", () => {
    const entries = [message(1, 0), message(2, 1), message(3, 2), message(4, 30)];
    expect(runs(timelineItems(entries, [], viewer, null))).toEqual(["first", "middle", "last", "firstlast"]);
  });

  test("a note never joins a run of public messages by the same author", () => {
    const entries = [message(1, 0, { author: byAgent(me) }), note(1, 1, { author: byAgent(me) })];
    expect(runs(timelineItems(entries, [], viewer, null))).toEqual(["firstlast", "firstlast"]);
  });

  test("an activity that changes a message has no row of its own", () => {
    const edit = activity(2, 1, { type: "message_edited", seq: 1, body: "new", editedAt: "2026-11-20T12:01:00.000Z" });
    expect(kinds(timelineItems([message(1, 0), edit, activity(3, 2, { type: "resolved" })], [], viewer, null))).toEqual(
      ["day", "message", "activity"],
    );
  });

  test("what is on its way stands at the end until the timeline has it, under the same key", () => {
    const before = timelineItems([message(1, 0)], [pending("c1", 1)], viewer, null);
    const stored = message(2, 1, { author: byAgent(me), clientId: "c1" });
    const after = timelineItems([message(1, 0), stored], [pending("c1", 1, { state: "sent" })], viewer, null);
    expect(kinds(before)).toEqual(["day", "message", "pending"]);
    expect(kinds(after)).toEqual(["day", "message", "message"]);
    expect(after.at(-1)?.key).toBe(before.at(-1)?.key);
  });

  test("a contact's client id is not taken for one's own", () => {
    const items = timelineItems([message(1, 0, { clientId: "c1" })], [pending("c1", 1)], viewer, null);
    expect(kinds(items)).toEqual(["day", "message", "pending"]);
    expect(new Set(items.map(({ key }) => key)).size).toBe(items.length);
  });

  test("the line above the unread stands before the first message by others past the read cursor", () => {
    const entries = [message(1, 0), message(2, 1, { author: byAgent(me) }), message(3, 2), message(4, 3)];
    const items = timelineItems(entries, [], viewer, { public: 1, internal: 0 });
    expect(kinds(items)).toEqual(["day", "message", "message", "unread", "message", "message"]);
  });

  test("the line above the unread goes as soon as the viewer says something", () => {
    const entries = [message(1, 0), message(2, 1)];
    const readUpTo = { public: 1, internal: 0 };
    const rows = (answer: Entry[], outbox: OutboxMessage[]) =>
      kinds(timelineItems([...entries, ...answer], outbox, viewer, readUpTo));
    expect(rows([], [])).toContain("unread");
    expect(rows([], [pending("c1", 2)])).not.toContain("unread");
    expect(rows([note(1, 2, { author: byAgent(me) })], [])).not.toContain("unread");
  });

  test("there is no line above the unread when nothing read is loaded above it", () => {
    const items = timelineItems([message(8, 0), message(9, 1)], [], viewer, { public: 3, internal: 0 });
    expect(kinds(items)).toEqual(["day", "message", "message"]);
  });
});

describe("counting what arrived below", () => {
  test("only messages by others after the place where one left the end are counted", () => {
    const seen = timelineItems([message(1, 0)], [pending("c1", 1)], viewer, null);
    const leftAt = lastStanding(seen) ?? "";
    const own = message(3, 3, { author: byAgent(me), clientId: "c2" });
    const now = timelineItems([message(1, 0), message(2, 2), own, message(4, 4)], [pending("c1", 1)], viewer, null);
    expect(countUnseen(now, leftAt)).toBe(2);
  });
});
