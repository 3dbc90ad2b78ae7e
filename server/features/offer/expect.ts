import { and, desc, eq, sql } from "drizzle-orm";
import { memberships, offers } from "../../../db/schema/index.ts";
import type { AgentCtx, Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { OfferRow } from "./pending.ts";
import { lapseAfter } from "./timer.ts";

const sentences: Record<OfferRow["status"], string> = {
  accepted: "You have already accepted this offer.",
  declined: "You have already declined this offer.",
  missed: "The time to answer this offer is over.",
  withdrawn: "This offer was taken back.",
};

/**
 * The latest offer of a locked conversation to this agent: pending, with time left, or answered as `answered` already, so
 * that an answer given twice has one effect. Throws `not_found` where it was never offered to them, `conflict` where it is
 * over; whether it is, the database's clock says.
 */
export const expectOffer = async (
  ctx: AgentCtx,
  tx: Tx,
  conversationId: string,
  answered: "accepted" | "declined",
): Promise<OfferRow> => {
  if (ctx.actor.via?.kind === "platform")
    throw new Refusal("permission_denied", "You can't accept or decline offers while you act as a member.");
  const [row] = await tx.db
    .select({ offer: offers, over: sql<boolean>`${offers.expiresAt} <= clock_timestamp()` })
    .from(offers)
    .where(
      and(
        eq(offers.tenantId, ctx.tenant.id),
        eq(offers.conversationId, conversationId),
        eq(offers.agentId, ctx.actor.id),
      ),
    )
    .orderBy(desc(offers.offeredAt), desc(offers.id))
    .limit(1);
  if (!row) throw new Refusal("not_found", "This conversation is not offered to you.");
  const { offer, over } = row;
  if (offer.status === answered) return offer;
  const status = offer.status === "pending" && over ? "missed" : offer.status;
  if (status === "pending") return offer;
  // Whoever should have passed it on has not done so yet.
  if (offer.status === "pending") lapseAfter(ctx.node, ctx.tenant, conversationId, 0);
  throw new Refusal("conflict", sentences[status]!, { conversationId, status });
};

/** An agent who answers offers is there: what they let pass before is forgotten. */
export const forgetMissed = async (ctx: AgentCtx, tx: Tx): Promise<void> => {
  await tx.db
    .update(memberships)
    .set({ missedOffers: 0 })
    .where(
      and(
        eq(memberships.tenantId, ctx.tenant.id),
        eq(memberships.userId, ctx.actor.id),
        sql`${memberships.missedOffers} > 0`,
      ),
    );
};
