import { expect, test } from "vitest";
import { pick } from "../../server/features/routing/pick.ts";
import { following, someone } from "./samples.ts";

const chosen = (...given: Parameters<typeof pick>) => pick(...given).agentId;

test("least loaded: whoever holds the fewest gets it, whatever their capacity", () => {
  const candidates = [
    someone("a", { activeCount: 2 }),
    someone("b", { activeCount: 1, capacity: 2 }),
    someone("c", { activeCount: 3 }),
  ];
  expect(chosen(following("least_loaded"), candidates, {})).toBe("b");
});

test("spare capacity: whoever has the highest share of free slots gets it", () => {
  const candidates = [
    someone("a", { activeCount: 0, capacity: 1 }),
    someone("b", { activeCount: 5, capacity: 20 }),
    someone("c", { activeCount: 2, capacity: 4 }),
  ];
  expect(chosen(following("spare_capacity"), candidates, {})).toBe("a");
  expect(chosen(following("spare_capacity"), candidates.slice(1), {})).toBe("b");
});

test("spare capacity counts what is free in the department, where that is less", () => {
  const policy = following("spare_capacity", { capacityPerAgent: 4 });
  const candidates = [
    someone("a", { activeCount: 3, capacity: 20, departmentCount: 3 }),
    someone("b", { activeCount: 12, capacity: 20, departmentCount: 0 }),
  ];
  expect(chosen(policy, candidates, {})).toBe("b");
});

test("round robin: whoever had a turn the longest ago is next, and who never had one comes first", () => {
  const candidates = [someone("a", { lastTurn: 7 }), someone("b", { lastTurn: 3 }), someone("c", { lastTurn: 9 })];
  expect(chosen(following("round_robin"), candidates, {})).toBe("b");
  expect(chosen(following("round_robin"), [...candidates, someone("d", { activeCount: 4 })], {})).toBe("d");
});

test("skills: who lacks a required skill, or enough of it, is out of the question; preferred ones decide among the rest", () => {
  const policy = following("skills", {
    skills: [
      { skill: "german", level: 3, required: true },
      { skill: "billing", level: 1, required: false },
    ],
  });
  const candidates = [
    someone("a", { skills: { german: 2, billing: 5 } }),
    someone("b", { skills: { german: 5 }, activeCount: 0 }),
    someone("c", { skills: { german: 3, billing: 1 }, activeCount: 4 }),
    someone("d"),
  ];
  const { agentId, candidates: judged } = pick(policy, candidates, {});
  expect(agentId).toBe("c");
  expect(judged.map(({ excluded }) => excluded)).toEqual(["lacks_skill", undefined, undefined, "lacks_skill"]);
});

test("a rule counts only for the conversations it names", () => {
  const policy = following("skills", {
    skills: [{ skill: "german", level: 1, required: true, when: { field: "language", equals: "de" } }],
  });
  const candidates = [someone("a"), someone("b", { skills: { german: 4 }, activeCount: 3 })];
  expect(chosen(policy, candidates, { fields: { language: "de" } })).toBe("b");
  expect(chosen(policy, candidates, { fields: { language: "fr" } })).toBe("a");
  expect(chosen(policy, candidates, {})).toBe("a");
});

test("rules of skills say nothing under another strategy", () => {
  const skills = [{ skill: "german", level: 1, required: true }];
  expect(chosen(following("least_loaded", { skills }), [someone("a")], {})).toBe("a");
});

test("stickiness goes before the strategy where the agent can take it, and gives way where they can't", () => {
  const candidates = [someone("a"), someone("b", { activeCount: 4 })];
  const sticky = pick(following("least_loaded"), candidates, { stickyAgentId: "b" });
  expect(sticky).toMatchObject({ agentId: "b", strategy: "sticky" });
  expect(sticky.candidates[1]).toMatchObject({ sticky: true });
  const full = [candidates[0]!, someone("b", { activeCount: 5 })];
  const given = pick(following("least_loaded"), full, { stickyAgentId: "b" });
  expect(given).toMatchObject({ agentId: "a", strategy: "least_loaded" });
  expect(given.candidates[1]).toMatchObject({ sticky: true, excluded: "full" });
});

test("who had the conversation stands back for who had it less often, and gets it again when all have had it alike", () => {
  const candidates = [someone("a"), someone("b", { activeCount: 4 })];
  const policy = following("least_loaded");
  expect(chosen(policy, candidates, { had: { a: 1 } })).toBe("b");
  expect(chosen(policy, candidates, { had: { a: 1, b: 1 } })).toBe("a");
  expect(chosen(policy, candidates, { had: { a: 2, b: 1 } })).toBe("b");
  // Somebody who is not there does not keep it from those who are.
  expect(chosen(policy, [candidates[0]!, someone("b", { excluded: "offline" })], { had: { a: 1 } })).toBe("a");
});

test("nobody is asked again within moments of passing it on, while somebody new is asked at once", () => {
  const policy = following("least_loaded");
  const facts = { had: { a: 1 }, resting: true };
  const alone = pick(policy, [someone("a")], facts);
  expect(alone.agentId).toBeUndefined();
  expect(alone.candidates[0]).toMatchObject({ excluded: "had_the_offer" });
  expect(chosen(policy, [someone("a"), someone("b", { activeCount: 4 })], facts)).toBe("b");
});

test("of equals, the less loaded, then who waits longer for a turn, then the lower id gets it, in whatever order they stand", () => {
  const policy = following("spare_capacity");
  const equals = [
    someone("c", { activeCount: 1, capacity: 2, lastTurn: 1 }),
    someone("b", { activeCount: 1, capacity: 2, lastTurn: 4 }),
    someone("a", { activeCount: 2, capacity: 4 }),
  ];
  expect(chosen(policy, equals, {})).toBe("c");
  expect(chosen(policy, equals.toReversed(), {})).toBe("c");
  const alike = [someone("b"), someone("a")];
  expect(chosen(following("least_loaded"), alike, {})).toBe("a");
  expect(chosen(following("least_loaded"), alike.toReversed(), {})).toBe("a");
});

test("where agents pick for themselves nobody is chosen, and it still says who could take it", () => {
  const picked = pick(following("manual"), [someone("a"), someone("b", { excluded: "away" })], { stickyAgentId: "a" });
  expect(picked).not.toHaveProperty("agentId");
  expect(picked.candidates.map(({ excluded }) => excluded)).toEqual([undefined, "away"]);
});
