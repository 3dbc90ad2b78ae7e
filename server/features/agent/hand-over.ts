import { setTimeout as pause } from "node:timers/promises";
import { type AnyCtx, transaction } from "../../context.ts";
import { handBack } from "../routing/hand-back.ts";

const mostAttempts = 5;

/**
 * Takes from members who may hold nothing any more what they were given while that was decided: the decision locks their
 * memberships, and conversations are locked ahead of those, so it needs a transaction of its own. A node that dies before
 * it, and a conversation that stays locked, leave them to the job `agent.sweep`.
 */
export const handOver = async (ctx: AnyCtx, agentIds: string[]): Promise<void> => {
  for (const agentId of agentIds)
    for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
      const { passedOver } = await transaction(ctx, (tx) => handBack(ctx, tx, agentId, "agent_deactivated"));
      if (!passedOver) break;
      await pause(attempt * 20);
    }
};
