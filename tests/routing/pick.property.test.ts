import fc from "fast-check";
import { expect, test } from "vitest";
import type { Candidate } from "../../server/contract/routing.ts";
import { meets, pick } from "../../server/features/routing/pick.ts";
import { following, members, situation } from "./samples.ts";

const free = (policy: { capacityPerAgent: number | null }, { activeCount, capacity, departmentCount = 0 }: Candidate) =>
  activeCount < capacity && (policy.capacityPerAgent === null || departmentCount < policy.capacityPerAgent);

test("whoever is chosen is there, may answer, has a free slot in all and in the department, and every required skill", () => {
  fc.assert(
    fc.property(situation, ({ policy, candidates, facts }) => {
      const { agentId, rules } = pick(policy, candidates, facts);
      if (agentId === undefined) return;
      const agent = candidates.find((one) => one.agentId === agentId)!;
      expect(agent.excluded).toBeUndefined();
      expect(free(policy, agent)).toBe(true);
      for (const rule of rules.filter(({ required }) => required)) expect(meets(agent, rule)).toBe(true);
    }),
  );
});

test("every member stands in the record once, with a reason or a score and never both, and what they held", () => {
  fc.assert(
    fc.property(situation, ({ policy, candidates, facts }) => {
      const { candidates: judged, agentId } = pick(policy, candidates, facts);
      expect(judged.map((one) => one.agentId)).toEqual(candidates.map((one) => one.agentId));
      for (const [i, one] of judged.entries()) {
        expect(one.excluded === undefined).toBe(one.score !== undefined);
        expect(one.agentId === agentId && one.excluded !== undefined).toBe(false);
        expect(one).toMatchObject({ activeCount: candidates[i]!.activeCount, capacity: candidates[i]!.capacity });
      }
    }),
  );
});

test("somebody is chosen whenever anybody is left, unless agents pick for themselves", () => {
  fc.assert(
    fc.property(situation, ({ policy, candidates, facts }) => {
      const { agentId, candidates: judged } = pick(policy, candidates, facts);
      const possible = judged.some(({ excluded }) => excluded === undefined);
      expect(agentId !== undefined).toBe(possible && policy.strategy !== "manual");
    }),
  );
});

test("nobody with a better score is passed over, but for stickiness", () => {
  fc.assert(
    fc.property(situation, ({ policy, candidates, facts }) => {
      const { agentId, strategy, candidates: judged } = pick(policy, candidates, facts);
      if (agentId === undefined) return;
      const score = judged.find((one) => one.agentId === agentId)!.score!;
      const best = judged.every((one) => (one.score ?? -Infinity) <= score);
      expect(strategy === "sticky" ? agentId === facts.stickyAgentId : best).toBe(true);
    }),
  );
});

test("the order in which members are listed changes nothing", () => {
  fc.assert(
    fc.property(situation, fc.infiniteStream(fc.nat()), ({ policy, candidates, facts }, order) => {
      const shuffled = candidates
        .map((candidate) => [order.next().value as number, candidate] as const)
        .toSorted(([a], [b]) => a - b)
        .map(([, candidate]) => candidate);
      expect(pick(policy, shuffled, facts).agentId).toBe(pick(policy, candidates, facts).agentId);
    }),
  );
});

test("a decision made again from its own record is the same, and another policy can be tried on it", () => {
  fc.assert(
    fc.property(situation, situation, ({ policy, candidates, facts }, other) => {
      const first = pick(policy, candidates, facts);
      expect(pick(policy, first.candidates, facts)).toEqual(first);
      expect(pick(other.policy, first.candidates, facts)).toEqual(pick(other.policy, candidates, facts));
    }),
  );
});

test("who has had the conversation more often than somebody who could take it does not get it", () => {
  fc.assert(
    fc.property(situation, ({ policy, candidates, facts }) => {
      const { agentId, candidates: judged } = pick(policy, candidates, facts);
      if (agentId === undefined) return;
      const had = (id: string) => facts.had?.[id] ?? 0;
      const possible = judged.filter(({ excluded }) => excluded === undefined || excluded === "had_the_offer");
      for (const one of possible) expect(had(agentId)).toBeLessThanOrEqual(had(one.agentId));
      expect(facts.resting === true && had(agentId) > 0).toBe(false);
    }),
  );
});

test("round robin deals out evenly: no two who could always take one ever differ by more than one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 0, max: 60 }), (agents, conversations) => {
      let candidates: Candidate[] = Array.from({ length: agents }, (_, i) => ({
        agentId: `agent-${i}`,
        activeCount: (i * 7) % 5,
        capacity: 1_000,
        lastTurn: 0,
      }));
      const got = new Map<string, number>();
      for (let turn = 1; turn <= conversations; turn += 1) {
        const { agentId } = pick(following("round_robin"), candidates, {});
        got.set(agentId!, (got.get(agentId!) ?? 0) + 1);
        candidates = candidates.map((one) => (one.agentId === agentId ? { ...one, lastTurn: turn } : one));
        const counts = candidates.map((one) => got.get(one.agentId) ?? 0);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test("handing out until nobody is left fills every free slot and not one more", () => {
  fc.assert(
    fc.property(members, fc.option(fc.integer({ min: 1, max: 4 })), (list, capacityPerAgent) => {
      const policy = following("least_loaded", { capacityPerAgent });
      let candidates = list;
      for (;;) {
        const { agentId } = pick(policy, candidates, {});
        if (agentId === undefined) break;
        candidates = candidates.map((one) =>
          one.agentId === agentId
            ? { ...one, activeCount: one.activeCount + 1, departmentCount: (one.departmentCount ?? 0) + 1 }
            : one,
        );
      }
      for (const [i, one] of candidates.entries()) {
        const before = list[i]!;
        const untouched = before.excluded !== undefined || !free(policy, before);
        expect(untouched ? one.activeCount === before.activeCount : !free(policy, one)).toBe(true);
        expect(one.activeCount).toBeLessThanOrEqual(Math.max(before.activeCount, one.capacity));
      }
    }),
  );
});
