import { describe, expect, test } from "vitest";
import { activityText } from "../../agent-desktop/conversation/activity-text.ts";
import { readersOf, receiptText } from "../../agent-desktop/details/receipt-text.ts";
import { whatChanged } from "../../agent-desktop/details/what-changed.ts";
import { contactName } from "../../agent-desktop/list/names.ts";
import { initials } from "../../server/contract/text.ts";
import { previewOf } from "../../agent-desktop/list/preview.ts";
import { clockText } from "../../agent-desktop/list/when.ts";
import { counted } from "../../agent-desktop/shell/plural.ts";
import { endedText } from "../../agent-desktop/shell/ended-text.ts";
import { activity, at, ben, byAgent, conversation, lena, me, message, note, viewer } from "./samples.ts";

const say = (what: Parameters<typeof activity>[2], author?: Parameters<typeof activity>[3]) =>
  activityText(activity(1, 0, what, author), me, viewer.nameOf);

describe("activities as sentences", () => {
  test("an assignment says who took, gave or decided", () => {
    expect(say({ type: "assigned", agentId: ben })).toBe("Ben took the conversation");
    expect(say({ type: "assigned", agentId: me, previousAgentId: ben }, byAgent(me))).toBe("You took over from Ben");
    expect(say({ type: "assigned", agentId: me })).toBe("Ben assigned you");
    expect(say({ type: "assigned", agentId: ben, agentName: "Ben" }, { kind: "system" })).toBe("Assigned to Ben");
  });

  test("a hand-over says from whom, to whom, and when it was nobody's doing", () => {
    expect(say({ type: "transferred", agentId: me, agentName: "Ada", previousAgentId: ben })).toBe(
      "Ben handed it over to you",
    );
    expect(say({ type: "transferred", departmentId: "d", departmentName: "Billing" })).toBe(
      "Ben handed it over to Billing",
    );
    const fallback = { type: "transferred", departmentId: "d", departmentName: "Billing", reason: "fallback" } as const;
    expect(say(fallback, { kind: "system" })).toBe("Passed on to Billing, because nobody answered in time");
  });

  test("what comes back into the queue says why", () => {
    expect(say({ type: "requeued", reason: "agent_absent", previousAgentId: ben }, { kind: "system" })).toBe(
      "Back in the queue: Ben went offline",
    );
    expect(say({ type: "requeued", reason: "agent_deactivated" }, { kind: "system" })).toBe(
      "Back in the queue: its agent left the workspace",
    );
    expect(say({ type: "requeued", previousAgentId: ben }, { kind: "system" })).toBe(
      "Back in the queue: Ben had to leave",
    );
  });

  test("offers that came to nothing are told, with the reason somebody gave", () => {
    expect(say({ type: "offer_declined", agentId: me, reason: "Not my subject" })).toBe(
      "You declined it: Not my subject",
    );
    expect(say({ type: "offer_declined", agentId: ben })).toBe("Ben declined it");
    expect(say({ type: "offer_missed", agentId: ben })).toBe("Ben did not answer the offer in time");
  });

  test("resolving and reopening say who did it", () => {
    expect(say({ type: "resolved" }, byAgent(me))).toBe("You resolved the conversation");
    expect(say({ type: "reopened" }, { kind: "contact", id: lena, name: "Lena" })).toBe(
      "Lena reopened the conversation",
    );
    expect(say({ type: "reopened" }, { kind: "system" })).toBe("Reopened");
  });
});

describe("previews", () => {
  const preview = (lastEntry: ReturnType<typeof message>) => previewOf(conversation({ lastEntry }), me, viewer.nameOf);

  test("a contact's words stand alone, others' with their name, on one line", () => {
    expect(preview(message(1, 0, { body: "a\n  b" })).text).toBe("a b");
    expect(preview(message(1, 0, { author: byAgent(me), body: "c" }))).toMatchObject({ by: "You", text: "c" });
    expect(preview(note(1, 0, { body: "d" }))).toEqual({ by: "Ben", text: "d", note: true, faint: false });
  });

  test("a deleted message shows no text", () => {
    const { body: _body, ...deleted } = message(1, 0, { deletedAt: "2026-11-20T12:00:00.000Z" });
    expect(preview(deleted)).toMatchObject({ text: "Message deleted", faint: true });
  });
});

describe("names", () => {
  test("a visitor without a name is told from another one", () => {
    const visitor = (id: string) => contactName({ contact: { id, verified: false } });
    expect(visitor(lena)).toBe("Visitor 000C");
    expect(visitor(me)).not.toBe(visitor(ben));
  });

  test("initials are those of the first and the last word, in any script", () => {
    expect(["Ada", "ada m. lovelace", "李 小龍", "👩‍🚀 Star", ""].map(initials)).toEqual(["A", "AL", "李小", "👩‍🚀S", "?"]);
  });
});

describe("receipts in words", () => {
  const contact = { kind: "contact", id: lena } as const;
  const entries = [
    message(1, 0),
    message(2, 1, { author: byAgent(me) }),
    message(3, 2, { author: byAgent(me) }),
    message(4, 3),
  ];

  const read = (readSeq: number, seqs = entries) => receiptText({ actor: contact, readSeq }, seqs, Date.parse(at(60)));

  test("what somebody wrote themselves is not left for them to read", () => {
    expect(read(3)).toEqual({ text: "everything", all: true });
  });

  test("where something is left it says up to when they have read", () => {
    expect(read(2)).toEqual({ text: `up to ${clockText(at(1))}`, all: false });
  });

  test("only those show whose reading says something: the contact, who holds it, and who has read in it", () => {
    const actor = (kind: "agent" | "contact", id: string, readSeq: number) => ({ actor: { kind, id }, readSeq });
    const [holder, reader, told, mine] = [ben, "reader", "told", me].map((id, at) =>
      actor("agent", id, at === 1 ? 2 : 0),
    );
    const everybody = [actor("contact", lena, 0), holder!, reader!, told!, mine!];
    expect(readersOf(everybody, { assigneeId: ben }, me)).toEqual(everybody.slice(0, 3));
    expect(readersOf([told!], {}, me)).toEqual([]);
  });

  test("it says so when none of what is loaded was read, or nothing at all", () => {
    expect(read(1, entries.slice(1)).text).toBe("only what is older");
    expect(read(0).text).toBe("nothing yet");
  });
});

describe("what happened meanwhile", () => {
  test("a conflict tells the holder and the status, before and now", () => {
    const before = conversation();
    const now = { ...before, assigneeId: ben, assigneeName: "Ben", status: "open" } as const;
    expect(whatChanged(before, now, me, viewer.nameOf)).toEqual([
      "It is now assigned to Ben; before, to nobody.",
      "Its status is now Open; before, it was Queued.",
    ]);
    expect(whatChanged(now, now, me, viewer.nameOf)).toEqual([]);
  });

  test("the end of a session is explained, also for a reason not known here", () => {
    expect(endedText("tenant_suspended", undefined)).toBe("This workspace is suspended.");
    expect(endedText("whatever", undefined)).toBe("Your session has ended.");
    const details = { reason: "tenant_suspended" };
    expect(endedText("refused", { code: "unauthenticated", message: "No.", retryable: false, details })).toBe(
      "This workspace is suspended.",
    );
    expect(endedText("refused", { code: "permission_denied", message: "Not here.", retryable: false })).toBe(
      "Not here.",
    );
  });
});

test("what is counted takes an s, or a word of its own, unless it is one", () => {
  expect([0, 1, 2, 1200].map((count) => counted(count, "inbox", "inboxes"))).toEqual([
    "0 inboxes",
    "1 inbox",
    "2 inboxes",
    "1,200 inboxes",
  ]);
  expect(counted(2, "member")).toBe("2 members");
});
