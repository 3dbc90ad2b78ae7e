import { type AnyCtx, transaction } from "../../context.ts";
import { handBack } from "../routing/hand-back.ts";

/**
 * Takes from members who may hold nothing any more what they were given while that was decided: the decision locks their
 * memberships, and conversations are locked ahead of those, so it needs a transaction of its own. A node that dies before
 * it leaves them to the job `agent.sweep`.
 */
export const handOver = async (ctx: AnyCtx, agentIds: string[]): Promise<void> => {
  for (const agentId of agentIds)
    await transaction(ctx, async (tx) => {
      await handBack(ctx, tx, agentId, "agent_deactivated");
    });
};
