import { type AgentCtx, transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { accessConversation } from "../conversation/access.ts";
import { announceConversation, presentConversation } from "../conversation/present.ts";
import { claim } from "../routing/claim.ts";
import { tellAssigned } from "../routing/tell-assigned.ts";
import { expectOffer, forgetMissed } from "./expect.ts";

/**
 * Takes a conversation that is offered to the agent; the slot was theirs already. Accepting again what they accepted answers
 * the same. Throws `conflict` when the offer is over, `not_found` when there was none to them.
 */
export const acceptOffer = (ctx: AgentCtx, { conversationId }: { conversationId: string }) =>
  transaction(ctx, async (tx) => {
    const { actor } = ctx;
    const conversation = await accessConversation(ctx, tx.db, conversationId);
    const { status, decision } = await expectOffer(ctx, tx, conversationId, "accepted");
    if (status === "pending") {
      await claim(ctx, tx, { ...decision, conversation, agentId: actor.id });
      await forgetMissed(ctx, tx);
      await tx.audit("offer.accept", conversationId, { after: { assigneeId: actor.id } });
      await announceConversation(ctx, tx, conversationId);
      await tellAssigned(ctx, tx, [{ conversationId, agentId: actor.id }]);
    } else if (conversation.assigneeId !== actor.id)
      throw new Refusal("conflict", "You accepted this offer, but you no longer have the conversation.", {
        conversationId,
        status,
      });
    return { conversation: await presentConversation(ctx, tx.db, conversationId) };
  });
