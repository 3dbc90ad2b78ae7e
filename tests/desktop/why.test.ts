import { describe, expect, test } from "vitest";
import type { AssignmentRecord } from "../../server/contract/assignment-routes.ts";
import type { Candidate } from "../../server/contract/routing.ts";
import { candidateText, ranked, recordText } from "../../agent-desktop/details/why-text.ts";
import { at, ben, me } from "./samples.ts";

const candidate = (agentId: string, change: Partial<Candidate> = {}): Candidate => ({
  agentId,
  name: agentId,
  activeCount: 1,
  capacity: 5,
  ...change,
});

const assignment: AssignmentRecord = {
  kind: "assignment",
  id: "1",
  agent: { id: ben, name: "Ben" },
  department: null,
  decision: { trigger: "conversation_queued", strategy: "round_robin", candidates: [] },
  by: null,
  startedAt: at(0),
  endedAt: null,
  endReason: null,
};

const { by: _by, endReason: _reason, ...common } = assignment;
const offered = (status: "declined" | "missed" | "withdrawn", reason: string | null = null) =>
  recordText({ ...common, kind: "offer", status, reason, expiresAt: at(1) });

describe("why an agent has a conversation", () => {
  test("says what brought it about, and by what rule", () => {
    expect(recordText(assignment)).toEqual({
      title: "Ben got it",
      how: "when it came into the queue, to whoever was next in turn",
      end: null,
    });
  });

  test("names who decided where a person did, and leaves rules out of it", () => {
    const by = { id: me, name: "Ada" };
    const record: AssignmentRecord = {
      ...assignment,
      decision: { trigger: "assigned", strategy: "manual", candidates: [] },
      by,
      endReason: "resolved",
    };
    expect(recordText(record)).toEqual({ title: "Ben got it", how: "assigned by hand, by Ada", end: "resolved" });
    expect(recordText({ ...record, by: { id: ben, name: "Ben" } }).how).toBe("assigned by hand");
  });

  test("says what became of an offer, with the reason somebody gave", () => {
    expect(offered("declined", "Not my subject")).toMatchObject({
      title: "Ben was asked and declined",
      end: "“Not my subject”",
    });
    expect(offered("missed").title).toBe("Ben was asked and did not answer");
    expect(offered("withdrawn").title).toContain("withdrawn");
  });

  test("lists the chosen one first, then by score, and last who was out of the question", () => {
    const candidates = [
      candidate("full", { excluded: "full", score: 9 }),
      candidate("second", { score: 0.5 }),
      candidate("chosen", { score: 0.1 }),
      candidate("first", { score: 0.8 }),
    ];
    expect(ranked(candidates, "chosen").map(({ agentId }) => agentId)).toEqual(["chosen", "first", "second", "full"]);
  });

  test("says how loaded each was, and why somebody was left out", () => {
    expect(candidateText(candidate("a"))).toBe("1 of 5");
    expect(candidateText(candidate("a", { departmentCount: 0, sticky: true }))).toBe(
      "knows the contact (1 of 5, 0 here)",
    );
    expect(candidateText(candidate("a", { excluded: "had_the_offer" }))).toBe("was asked before (1 of 5)");
  });
});
