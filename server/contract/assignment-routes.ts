import * as v from "valibot";
import { route } from "./define.ts";
import { choiceFields } from "./department-routes.ts";
import { Id, Timestamp } from "./entities.ts";
import { pageOf, pageQuery } from "./rest.ts";
import {
  Candidate,
  Decision,
  endReasons,
  offerStatuses,
  SkillRule,
  Stickiness,
  Strategy,
  triggers,
} from "./routing.ts";

const Named = v.object({ id: v.string(), name: v.string() });

const common = {
  id: v.string(),
  agent: Named,
  /** The conversation's department at that time. */
  department: v.nullable(Named),
  decision: Decision,
};

/** One step of a conversation's way to its agents. `by`: the person who decided; null where Parley did. */
export const AssignmentRecord = v.variant("kind", [
  v.object({
    kind: v.literal("assignment"),
    ...common,
    by: v.nullable(Named),
    startedAt: v.string(),
    endedAt: v.nullable(v.string()),
    endReason: v.nullable(v.picklist(endReasons)),
  }),
  v.object({
    kind: v.literal("offer"),
    ...common,
    status: v.picklist(offerStatuses),
    reason: v.nullable(v.string()),
    startedAt: v.string(),
    expiresAt: v.string(),
    endedAt: v.nullable(v.string()),
  }),
]);
export type AssignmentRecord = v.InferOutput<typeof AssignmentRecord>;

/** Why a conversation waits. */
export const waitingReasons = [
  "no_department",
  "for_later",
  "closed",
  "manual",
  "offered",
  "no_members",
  "nobody_free",
  "in_line",
] as const;

/**
 * Why nobody has a queued conversation at this moment, in a word and a sentence, with everyone of its department and what
 * excludes them. `opensAt`: when a closed department opens.
 */
export const Waiting = v.object({
  since: v.string(),
  reason: v.picklist(waitingReasons),
  explanation: v.string(),
  department: v.nullable(Named),
  strategy: v.nullable(Strategy),
  opensAt: v.nullable(v.string()),
  candidates: v.array(Candidate),
});
export type Waiting = v.InferOutput<typeof Waiting>;

/** What a replay may look at in one go. */
export const replayLimits = { days: 31, decisions: 1_000 } as const;

/**
 * One past decision under the tried policy. `outcome`: `same` and `other` name `wouldBe`; `nobody`: it would have waited;
 * `by_person`: people decide as they like, whatever the policy, so it is counted and not tried.
 */
export const ReplayedDecision = v.object({
  id: v.string(),
  kind: v.picklist(["assignment", "offer"]),
  conversationId: v.string(),
  at: v.string(),
  trigger: v.picklist(triggers),
  strategy: v.picklist([...Decision.entries.strategy.options]),
  version: v.nullable(v.number()),
  had: Named,
  wouldBe: v.nullable(Named),
  outcome: v.picklist(["same", "other", "nobody", "by_person"]),
  because: v.string(),
});
export type ReplayedDecision = v.InferOutput<typeof ReplayedDecision>;

/** `nextFrom`: where the next replay goes on, when there were more decisions than one replay takes. */
export const Replay = v.object({
  from: v.string(),
  to: v.string(),
  policy: v.object({
    strategy: Strategy,
    sticky: Stickiness,
    capacityPerAgent: v.nullable(v.number()),
    skills: v.array(SkillRule),
  }),
  decisions: v.array(ReplayedDecision),
  totals: v.object({
    decisions: v.number(),
    same: v.number(),
    other: v.number(),
    nobody: v.number(),
    byPerson: v.number(),
    agents: v.array(v.object({ ...Named.entries, had: v.number(), wouldHaveHad: v.number() })),
  }),
  nextFrom: v.nullable(v.string()),
});
export type Replay = v.InferOutput<typeof Replay>;

/** Why this agent, and who it would have been. */
export const assignmentRoutes = {
  "assignment/list": route({
    summary: "Read who had a conversation and was offered it and why, the latest first, and why nobody has it now",
    method: "GET",
    path: "/conversations/:conversationId/assignments",
    auth: "agent",
    params: v.strictObject({ conversationId: Id }),
    query: v.strictObject(pageQuery),
    status: 200,
    response: v.object({ ...pageOf(AssignmentRecord).entries, waiting: v.nullable(Waiting) }),
    permission: "assignment.read",
    limit: "read",
  }),
  "routing/replay": route({
    summary: `Try another policy on a department's past decisions: up to ${replayLimits.days} days and ${replayLimits.decisions} decisions at once`,
    example: {
      body: {
        from: "2026-11-01T00:00:00Z",
        to: "2026-11-15T00:00:00Z",
        policy: { strategy: "round_robin" },
      },
    },
    method: "POST",
    path: "/departments/:departmentId/routing/replay",
    auth: "agent",
    params: v.strictObject({ departmentId: Id }),
    body: v.strictObject({ from: Timestamp, to: Timestamp, policy: v.strictObject(choiceFields) }),
    status: 200,
    response: Replay,
    permission: "routing.replay",
    reads: true,
    limit: "write",
  }),
};
