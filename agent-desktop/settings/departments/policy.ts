import type { SkillRule } from "../../../server/contract/routing.ts";
import type { Answer, Input } from "../../session/rest.ts";

export type Department = Answer<"department/get">["department"];
type Changes = Input<"department/update">["body"];

/** What the form holds: everything that can be changed, as it is in the fields. */
export type Policy = Pick<
  Department,
  | "name"
  | "strategy"
  | "sticky"
  | "capacityPerAgent"
  | "offerSeconds"
  | "businessHoursId"
  | "offlineBehaviour"
  | "fallbackDepartmentId"
  | "fallbackAfterSeconds"
> & { skills: SkillRule[]; memberIds: string[] };

/** What of it decides who gets a conversation: that can be tried on the past. */
export type Choice = Pick<Policy, "strategy" | "sticky" | "capacityPerAgent" | "skills">;

export const choiceOf = ({ strategy, sticky, capacityPerAgent, skills }: Department): Choice => ({
  strategy,
  sticky,
  capacityPerAgent,
  skills,
});

export const policyOf = (department: Department): Policy => ({
  name: department.name,
  strategy: department.strategy,
  sticky: department.sticky,
  capacityPerAgent: department.capacityPerAgent,
  offerSeconds: department.offerSeconds,
  skills: department.skills,
  businessHoursId: department.businessHoursId,
  offlineBehaviour: department.offlineBehaviour,
  fallbackDepartmentId: department.fallbackDepartmentId,
  fallbackAfterSeconds: department.fallbackAfterSeconds,
  memberIds: department.members.map(({ id }) => id),
});

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Only what differs: what a colleague changed elsewhere meanwhile stays. */
export const changesOf = (before: Policy, now: Policy): Changes => {
  const { memberIds, ...rest } = now;
  const changed = Object.entries(rest).filter(([key, value]) => !same(value, before[key as keyof Policy]));
  const members = !same(memberIds.toSorted(), before.memberIds.toSorted()) && { memberIds };
  return { ...(Object.fromEntries(changed) as Changes), ...members };
};
