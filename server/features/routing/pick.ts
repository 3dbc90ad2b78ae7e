import type { Candidate, Exclusion, SkillRule, Stickiness, Strategy } from "../../contract/routing.ts";

/** How a department chooses. `capacityPerAgent`: how many of its conversations one agent may hold; null: no limit. */
export type Policy = {
  strategy: Strategy;
  sticky: Stickiness;
  capacityPerAgent: number | null;
  /** What conversations ask for; counts under the strategy `skills` alone. */
  skills: readonly SkillRule[];
};

/** What is known of one conversation. */
export type Facts = {
  fields?: Readonly<Record<string, string>> | null | undefined;
  /** Whom the department's stickiness names for its contact. */
  stickyAgentId?: string | null | undefined;
  /** How often each agent has had it already since it was queued: declined it, let it time out, or gave it back. */
  had?: Readonly<Record<string, number>> | null | undefined;
  /** Somebody has had it a moment ago: those who have had it are not asked again yet. */
  resting?: boolean | undefined;
};

export type Picked = {
  /** Who gets it; nobody where all are excluded, or agents pick by themselves. */
  agentId?: string;
  strategy: Strategy | "sticky";
  /** The rules that this conversation's fields call for. */
  rules: SkillRule[];
  candidates: Candidate[];
};

/** Reasons that hold whatever the policy; everything else is judged anew by each. */
const lasting: ReadonlySet<Exclusion | undefined> = new Set(["deactivated", "may_not_answer", "offline", "away"]);

/** Whether a conversation with these fields asks for the skill. */
const asksFor = ({ when }: SkillRule, fields: Facts["fields"]): boolean =>
  when === undefined || fields?.[when.field] === when.equals;

/** The rules of a policy that a conversation with these fields calls for. */
export const rulesFor = (policy: Policy, fields: Facts["fields"]): SkillRule[] =>
  policy.strategy === "skills" ? policy.skills.filter((rule) => asksFor(rule, fields)) : [];

export const meets = ({ skills }: Candidate, { skill, level }: SkillRule): boolean => (skills?.[skill] ?? 0) >= level;

/** What keeps an agent from any further conversation of the department, or from this one. Undefined: they could take it. */
export const exclusionOf = (
  policy: Policy,
  candidate: Candidate,
  rules: readonly SkillRule[],
): Exclusion | undefined => {
  if (lasting.has(candidate.excluded)) return candidate.excluded;
  if (candidate.activeCount >= candidate.capacity) return "full";
  if (policy.capacityPerAgent !== null && (candidate.departmentCount ?? 0) >= policy.capacityPerAgent)
    return "department_full";
  return rules.some((rule) => rule.required && !meets(candidate, rule)) ? "lacks_skill" : undefined;
};

/** How many more of the department's conversations an agent who is not excluded could take. */
export const freeSlots = ({ capacityPerAgent }: Policy, { activeCount, capacity, departmentCount = 0 }: Candidate) =>
  Math.min(capacity - activeCount, (capacityPerAgent ?? Infinity) - departmentCount);

// Shares are written into records that people read: four digits tell apart any two that matter.
const rounded = (share: number) => Math.round(share * 10_000) / 10_000;

/** Preferred skills met count before levels: nobody's one great skill outweighs another's two that are wanted. */
const skillScore = (candidate: Candidate, rules: readonly SkillRule[]): number => {
  const met = rules.filter((rule) => meets(candidate, rule));
  const preferred = met.filter((rule) => !rule.required).length;
  return preferred * 1_000 + met.reduce((sum, { skill }) => sum + (candidate.skills?.[skill] ?? 0), 0);
};

const scoreOf = (policy: Policy, candidate: Candidate, rules: readonly SkillRule[]): number => {
  switch (policy.strategy) {
    case "round_robin":
      // Who had a turn the longest ago is next.
      return 0 - (candidate.lastTurn ?? 0);
    case "spare_capacity":
      return rounded(
        freeSlots(policy, candidate) / Math.min(candidate.capacity, policy.capacityPerAgent ?? candidate.capacity),
      );
    case "skills":
      return skillScore(candidate, rules);
    default:
      return 0 - candidate.activeCount;
  }
};

/** The better first. Equal scores: the less loaded, then who had a turn longer ago, then by id, so that it is never chance. */
const byMerit = (a: Candidate, b: Candidate): number =>
  b.score! - a.score! ||
  a.activeCount - b.activeCount ||
  (a.lastTurn ?? 0) - (b.lastTurn ?? 0) ||
  (a.agentId < b.agentId ? -1 : 1);

/**
 * Who gets a conversation, and what decided it: pure, so that any decision can be made again and any other policy tried on
 * what was recorded. `candidates` are all members of the department; what is said there about `excluded` counts where it
 * does not depend on the policy. Those who had the conversation more often than others who could take it stand back for these.
 */
export const pick = (policy: Policy, candidates: readonly Candidate[], facts: Facts): Picked => {
  const rules = rulesFor(policy, facts.fields);
  const had = ({ agentId }: Candidate) => facts.had?.[agentId] ?? 0;
  const judged = candidates.map((candidate): Candidate => {
    const excluded = exclusionOf(policy, candidate, rules);
    const sticky = facts.stickyAgentId === candidate.agentId;
    const { agentId, name, activeCount, capacity, departmentCount, lastTurn, skills } = candidate;
    const known = { agentId, name, activeCount, capacity, departmentCount, lastTurn, skills };
    return { ...known, ...(sticky && { sticky }), ...(excluded && { excluded }) };
  });
  const possible = judged.filter(({ excluded }) => excluded === undefined);
  const least = Math.min(...possible.map(had));
  for (const candidate of possible) {
    if (had(candidate) > least || (had(candidate) > 0 && facts.resting)) candidate.excluded = "had_the_offer";
    else candidate.score = scoreOf(policy, candidate, rules);
  }
  const eligible = possible.filter(({ excluded }) => excluded === undefined);
  const answer = { strategy: policy.strategy, rules, candidates: judged };
  if (policy.strategy === "manual" || eligible.length === 0) return answer;
  const sticky = eligible.find((candidate) => candidate.sticky);
  if (sticky) return { ...answer, agentId: sticky.agentId, strategy: "sticky" };
  return { ...answer, agentId: eligible.toSorted(byMerit)[0]!.agentId };
};
