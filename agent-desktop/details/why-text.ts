import type { AssignmentRecord } from "../../server/contract/assignment-routes.ts";
import type { Candidate, EndReason, Exclusion, Trigger } from "../../server/contract/routing.ts";

const triggers: Record<Trigger, string> = {
  conversation_queued: "when it came into the queue",
  slot_freed: "when an agent had room again",
  agent_online: "when an agent came online",
  policy_changed: "when the department's settings changed",
  reconciled: "at a routine check of the queue",
  claimed: "taken by hand",
  assigned: "assigned by hand",
  replied: "by replying",
  reopened: "when it was reopened",
  transferred: "handed over",
  offer_declined: "after somebody declined",
  offer_missed: "after somebody did not answer",
  agent_absent: "after its agent went offline",
  fallback: "passed on, because nobody answered in time",
};

const strategies: Record<AssignmentRecord["decision"]["strategy"], string> = {
  least_loaded: "to whoever had the fewest conversations",
  round_robin: "to whoever was next in turn",
  spare_capacity: "to whoever had the most free capacity",
  skills: "to the best match",
  manual: "people decide",
  sticky: "to somebody who knows the contact",
};

const excluded: Record<Exclusion, string> = {
  offline: "offline",
  away: "away",
  full: "full",
  department_full: "full in this department",
  had_the_offer: "was asked before",
  lacks_skill: "lacks a skill",
  may_not_answer: "may not reply to contacts",
  deactivated: "deactivated",
};

const endings: Record<EndReason, string> = {
  resolved: "resolved",
  reassigned: "given to somebody else",
  unassigned: "put back into the queue",
  transferred: "handed over",
  agent_absent: "back in the queue: the agent went offline",
  agent_deactivated: "back in the queue: the agent left the workspace",
};

/** What became of one assignment or offer, and how it came about. */
export const recordText = (record: AssignmentRecord): { title: string; how: string; end: string | null } => {
  const { agent, decision } = record;
  const how = `${triggers[decision.trigger]}${decision.strategy === "manual" ? "" : `, ${strategies[decision.strategy]}`}`;
  if (record.kind === "assignment") {
    const by = record.by && record.by.id !== agent.id ? `, by ${record.by.name}` : "";
    return {
      title: `${agent.name} got it`,
      how: how + by,
      end: record.endReason && endings[record.endReason],
    };
  }
  const what = {
    pending: "is asked",
    accepted: "was asked and accepted",
    declined: "was asked and declined",
    missed: "was asked and did not answer",
    withdrawn: "was asked, but the offer was withdrawn",
  }[record.status];
  return { title: `${agent.name} ${what}`, how, end: record.reason && `“${record.reason}”` };
};

/** Who was considered in a decision: the chosen one first, then the others by score, then who was out of the question. */
export const ranked = (candidates: Candidate[], chosenId?: string): Candidate[] =>
  candidates.toSorted(
    (a, b) =>
      Number(b.agentId === chosenId) - Number(a.agentId === chosenId) ||
      Number(a.excluded !== undefined) - Number(b.excluded !== undefined) ||
      (b.score ?? 0) - (a.score ?? 0) ||
      (a.name ?? "").localeCompare(b.name ?? ""),
  );

/** Why not, or how loaded somebody was. */
export const candidateText = ({ excluded: why, activeCount, capacity, sticky, departmentCount }: Candidate): string => {
  const load = `${activeCount} of ${capacity}${departmentCount === undefined ? "" : `, ${departmentCount} here`}`;
  if (why) return `${excluded[why]} (${load})`;
  return sticky ? `knows the contact (${load})` : load;
};
