import { describe, expect, test } from "vitest";
import type { Replay, ReplayedDecision } from "../../server/contract/assignment-routes.ts";
import { priorityChoices, priorityText } from "../../agent-desktop/list/priority.ts";
import { periodOf } from "../../agent-desktop/settings/departments/period.ts";
import { addPart, outcomeText, signed } from "../../agent-desktop/settings/departments/replay.ts";

const now = Date.parse("2026-11-21T12:00:00Z");
const dates = (from: string, to: string) => periodOf({ last: "dates", from, to }, now);

describe("the period of a trial", () => {
  test("reaches so many days back from now, or from one day through another", () => {
    expect(periodOf({ last: "7", from: "", to: "" }, now)).toEqual({
      from: "2026-11-14T12:00:00.000Z",
      to: "2026-11-21T12:00:00.000Z",
    });
    expect(dates("2026-10-05", "2026-10-05")).toEqual({
      from: new Date(2026, 9, 5).toISOString(),
      to: new Date(2026, 9, 6).toISOString(),
    });
  });

  test("is a whole month at most, whatever its clock does, and says so otherwise", () => {
    expect(dates("2026-10-01", "2026-10-31")).not.toHaveProperty("problem");
    expect(dates("2026-10-01", "2026-11-01")).toEqual({ problem: "At most 31 days can be tried at once" });
    expect(dates("2026-10-02", "2026-10-01")).toEqual({ problem: "The last day comes before the first" });
    expect(dates("2026-10-02", "")).toEqual({ problem: "Choose the first and the last day" });
  });
});

describe("what came of a trial", () => {
  const [ada, ben] = [
    { id: "a", name: "Ada" },
    { id: "b", name: "Ben" },
  ];
  const decision = (id: string, outcome: ReplayedDecision["outcome"]) => ({ id, outcome }) as ReplayedDecision;
  const first: Pick<Replay, "decisions" | "totals"> = {
    decisions: [decision("1", "other"), decision("2", "same")],
    totals: {
      decisions: 2,
      same: 1,
      other: 1,
      nobody: 0,
      byPerson: 0,
      agents: [{ ...ada, had: 2, wouldHaveHad: 2 }],
    },
  };
  const second: typeof first = {
    decisions: [decision("3", "nobody"), decision("4", "by_person")],
    totals: {
      decisions: 2,
      same: 0,
      other: 0,
      nobody: 1,
      byPerson: 1,
      agents: [
        { ...ben, had: 0, wouldHaveHad: 3 },
        { ...ada, had: 1, wouldHaveHad: 0 },
      ],
    },
  };

  test("is added up over the parts it came in, and keeps what differs in its order", () => {
    const { totals, differing } = addPart(addPart(null, first), second);
    expect(differing.map(({ id }) => id)).toEqual(["1", "3"]);
    expect(totals).toEqual({
      decisions: 4,
      same: 1,
      other: 1,
      nobody: 1,
      byPerson: 1,
      agents: [
        { ...ben, had: 0, wouldHaveHad: 3 },
        { ...ada, had: 3, wouldHaveHad: 2 },
      ],
    });
    expect(outcomeText(totals)).toEqual([
      "1 of 4 decisions would have gone to somebody else.",
      "1 would have waited in the queue.",
      "1 would have been the same.",
      "1 was made by people, which no policy overrules.",
    ]);
    expect([-2, 0, 3].map(signed)).toEqual(["−2", "±0", "+3"]);
  });
});

test("a priority is called by its name, and one between those that people choose also by its number", () => {
  expect([0, 3, 6, 10].map(priorityText)).toEqual(["Normal", "Raised", "High", "Urgent"]);
  expect([1, 4, 9].map(priorityText)).toEqual(["Raised (1)", "High (4)", "Urgent (9)"]);
  expect(priorityChoices(0)).toEqual([10, 6, 3, 0]);
  expect(priorityChoices(7)).toEqual([10, 7, 6, 3, 0]);
});
