import type { Candidate, Trigger } from "../../contract/routing.ts";
import type { ConversationRow } from "../conversation/access.ts";
import type { Department } from "./department.ts";
import type { Gift } from "./give.ts";
import { type Facts, pick } from "./pick.ts";

export type Decided = {
  gifts: Gift[];
  /** In which of the department's turns round robin came to whom, and how many turns there have been now. */
  turns: Map<string, number>;
  turn: number;
  /** Some wait only because those who could take them have just had them. */
  resting: boolean;
};

/**
 * Decides a batch, one after the other, each as if those before it were committed, which they are together. What an agent
 * takes here counts for the next.
 */
export const decide = (
  department: Department,
  candidates: readonly Candidate[],
  rows: readonly ConversationRow[],
  { facts, triggerOf }: { facts: ReadonlyMap<string, Facts>; triggerOf: (conversationId: string) => Trigger },
): Decided => {
  const members = new Map(candidates.map((candidate) => [candidate.agentId, candidate]));
  const decided: Decided = { gifts: [], turns: new Map(), turn: department.turn, resting: false };
  for (const conversation of rows) {
    const picked = pick(department, [...members.values()], facts.get(conversation.id) ?? {});
    const chosen = picked.agentId === undefined ? undefined : members.get(picked.agentId);
    if (!chosen) {
      decided.resting ||= picked.candidates.some(({ excluded }) => excluded === "had_the_offer");
      continue;
    }
    const { agentId, name = "", activeCount, departmentCount = 0 } = chosen;
    decided.gifts.push({
      conversation,
      agent: { id: agentId, name },
      decision: {
        trigger: triggerOf(conversation.id),
        strategy: picked.strategy,
        version: department.version,
        ...(picked.rules.length > 0 && { rules: picked.rules }),
        candidates: picked.candidates,
      },
      assignedById: null,
    });
    const counted = { ...chosen, activeCount: activeCount + 1, departmentCount: departmentCount + 1 };
    if (department.strategy === "round_robin") {
      counted.lastTurn = decided.turn += 1;
      decided.turns.set(agentId, counted.lastTurn);
    }
    members.set(agentId, counted);
  }
  return decided;
};
