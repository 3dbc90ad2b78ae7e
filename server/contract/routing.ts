import * as v from "valibot";
import { Id, label, text } from "./entities.ts";

/** How a department chooses among those who could take a conversation; `manual` leaves it to the agents. */
export const strategies = ["least_loaded", "round_robin", "spare_capacity", "skills", "manual"] as const;
export const Strategy = v.picklist(strategies);
export type Strategy = v.InferOutput<typeof Strategy>;

/** Whom a returning contact is given to first: nobody in particular, the agent they last spoke to, the contact's owner. */
export const stickinesses = ["none", "last_agent", "owner"] as const;
export const Stickiness = v.picklist(stickinesses);
export type Stickiness = v.InferOutput<typeof Stickiness>;

/** What a closed department does with a new conversation: let it wait in the queue, or take a message for later. */
export const offlineBehaviours = ["queue", "form"] as const;
export const OfflineBehaviour = v.picklist(offlineBehaviours);
export type OfflineBehaviour = v.InferOutput<typeof OfflineBehaviour>;

/**
 * A skill a department's conversations ask for, at least at `level` (1 to 5). `required`: who lacks it is not considered;
 * otherwise it is preferred. `when`: only for conversations whose field holds that value.
 */
export const SkillRule = v.strictObject({
  skill: label(50),
  level: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(5)), 1),
  required: v.optional(v.boolean(), true),
  when: v.optional(v.strictObject({ field: text(100, 1), equals: text(200) })),
});
export type SkillRule = v.InferOutput<typeof SkillRule>;

/** What brought a decision about. */
export const triggers = [
  "conversation_queued",
  "slot_freed",
  "agent_online",
  "policy_changed",
  "reconciled",
  "claimed",
  "assigned",
  "replied",
  "reopened",
  "transferred",
  "offer_declined",
  "offer_missed",
  "agent_absent",
  "fallback",
] as const;
export type Trigger = (typeof triggers)[number];

/** Why somebody was not considered. */
export const exclusions = [
  "offline",
  "away",
  "full",
  "department_full",
  "had_the_offer",
  "lacks_skill",
  "may_not_answer",
  "deactivated",
] as const;
export type Exclusion = (typeof exclusions)[number];

/**
 * One member of the department at the moment of a decision: everything the choice rested on, so that another policy can be
 * tried on it. `score`: the higher wins. `excluded`: why they were out of the question.
 */
export const Candidate = v.object({
  agentId: Id,
  name: v.optional(v.string()),
  activeCount: v.number(),
  capacity: v.number(),
  departmentCount: v.optional(v.number()),
  lastTurn: v.optional(v.number()),
  skills: v.optional(v.record(v.string(), v.number())),
  sticky: v.optional(v.boolean()),
  excluded: v.optional(v.picklist(exclusions)),
  score: v.optional(v.number()),
});
export type Candidate = v.InferOutput<typeof Candidate>;

/**
 * Why an agent got a conversation. `strategy` also says `sticky` where stickiness decided; decisions of people are
 * `manual` and list whom they chose. `version` is the department's routing version.
 */
export const Decision = v.object({
  trigger: v.picklist(triggers),
  strategy: v.picklist([...strategies, "sticky"]),
  version: v.optional(v.number()),
  rules: v.optional(v.array(SkillRule)),
  candidates: v.array(Candidate),
});
export type Decision = v.InferOutput<typeof Decision>;

export const endReasons = [
  "resolved",
  "reassigned",
  "unassigned",
  "transferred",
  "agent_absent",
  "agent_deactivated",
] as const;
export type EndReason = (typeof endReasons)[number];

export const offerStatuses = ["pending", "accepted", "declined", "missed", "withdrawn"] as const;
export type OfferStatus = (typeof offerStatuses)[number];
