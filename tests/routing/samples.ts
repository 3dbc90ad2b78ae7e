import fc from "fast-check";
import type { Candidate, SkillRule } from "../../server/contract/routing.ts";
import type { Facts, Policy } from "../../server/features/routing/pick.ts";

const skillNames = ["german", "billing", "python"] as const;
const fieldNames = ["plan", "language"] as const;
const values = ["a", "b"] as const;

const skill = fc.constantFrom(...skillNames);
const level = fc.integer({ min: 1, max: 5 });

export const rule: fc.Arbitrary<SkillRule> = fc.record(
  {
    skill,
    level,
    required: fc.boolean(),
    when: fc.record({ field: fc.constantFrom(...fieldNames), equals: fc.constantFrom(...values) }),
  },
  { requiredKeys: ["skill", "level", "required"] },
);

export const policy: fc.Arbitrary<Policy> = fc.record({
  strategy: fc.constantFrom("least_loaded", "round_robin", "spare_capacity", "skills", "manual"),
  sticky: fc.constantFrom("none", "last_agent", "owner"),
  capacityPerAgent: fc.option(fc.integer({ min: 1, max: 4 })),
  skills: fc.array(rule, { maxLength: 4 }),
});

/** The members of one department: each once, some there, some full. */
export const members: fc.Arbitrary<Candidate[]> = fc
  .array(
    fc.record(
      {
        activeCount: fc.integer({ min: 0, max: 6 }),
        capacity: fc.integer({ min: 0, max: 6 }),
        departmentCount: fc.integer({ min: 0, max: 5 }),
        lastTurn: fc.integer({ min: 0, max: 20 }),
        skills: fc.dictionary(skill, level, { maxKeys: 3 }),
        excluded: fc.constantFrom("offline", "away", "may_not_answer", "deactivated"),
      },
      { requiredKeys: ["activeCount", "capacity", "departmentCount", "lastTurn"] },
    ),
    { maxLength: 8 },
  )
  .map((list) => list.map((one, i) => ({ ...one, agentId: `agent-${i}` })));

/** What is known of a conversation, with agents of `candidates` in it and one who is none of them. */
export const factsAbout = (candidates: Candidate[]): fc.Arbitrary<Facts> => {
  const agent = fc.constantFrom("a stranger", ...candidates.map(({ agentId }) => agentId));
  return fc.record({
    fields: fc.option(fc.dictionary(fc.constantFrom(...fieldNames), fc.constantFrom(...values))),
    stickyAgentId: fc.option(agent),
    had: fc.option(fc.dictionary(agent, fc.integer({ min: 1, max: 3 }))),
    resting: fc.boolean(),
  });
};

export const situation = fc
  .tuple(policy, members)
  .chain(([aPolicy, candidates]) => factsAbout(candidates).map((facts) => ({ policy: aPolicy, candidates, facts })));

export const someone = (agentId: string, more: Partial<Candidate> = {}): Candidate => ({
  agentId,
  activeCount: 0,
  capacity: 5,
  departmentCount: 0,
  lastTurn: 0,
  ...more,
});

export const following = (strategy: Policy["strategy"], more: Partial<Policy> = {}): Policy => ({
  strategy,
  sticky: "none",
  capacityPerAgent: null,
  skills: [],
  ...more,
});
