import { type AgentCtx, ensureCan, transaction } from "../../context.ts";
import { appendActivity } from "../../timeline/append-activity.ts";
import { accessConversation } from "../conversation/access.ts";
import { presentConversation } from "../conversation/present.ts";
import { routeDepartments } from "../routing/dispatch.ts";
import { expectOffer, forgetMissed } from "./expect.ts";
import { endOffer } from "./pending.ts";

type Payload = { conversationId: string; reason?: string | undefined };

/**
 * Passes a conversation that is offered to the agent on to the next. The reason is for colleagues: it stands in the internal
 * timeline. Declining again what they declined answers the same; throws as `acceptOffer` does.
 */
export const declineOffer = (ctx: AgentCtx, { conversationId, reason }: Payload) =>
  transaction(ctx, async (tx) => {
    const { actor, tenant, node } = ctx;
    if (reason !== undefined) ensureCan(actor, "message.send");
    await accessConversation(ctx, tx.db, conversationId);
    const offer = await expectOffer(ctx, tx, conversationId, "declined");
    if (offer.status === "pending") {
      await endOffer(ctx, tx, offer, "declined", reason);
      await forgetMissed(ctx, tx);
      await appendActivity(ctx, tx, conversationId, "internal", {
        type: "offer_declined",
        agentId: actor.id,
        agentName: actor.name,
        ...(reason !== undefined && { reason }),
      });
      await tx.audit("offer.decline", conversationId, { after: { agentId: actor.id, ...(reason && { reason }) } });
      const { departmentId } = offer;
      if (departmentId)
        tx.afterCommit(() => routeDepartments(node, tenant, [departmentId], "offer_declined", conversationId));
    }
    return { conversation: await presentConversation(ctx, tx.db, conversationId) };
  });
