import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { conversations, offers } from "../../../db/schema/index.ts";
import type { AgentCtx, Tx } from "../../context.ts";
import type { ConversationRow } from "../conversation/access.ts";
import { endOffer, findOffer } from "../offer/pending.ts";

/** The conversations of a department that are offered to these agents, locked ahead of any membership. */
export const lockOffered = async (
  ctx: AgentCtx,
  tx: Tx,
  departmentId: string,
  agentIds: string[],
): Promise<ConversationRow[]> => {
  if (agentIds.length === 0) return [];
  const pending = await tx.db
    .select({ id: offers.conversationId })
    .from(offers)
    .where(
      and(
        eq(offers.tenantId, ctx.tenant.id),
        inArray(offers.agentId, agentIds),
        // In the words of the index, since a plan that is kept knows no values.
        sql`status = 'pending'`,
        eq(offers.departmentId, departmentId),
      ),
    );
  if (pending.length === 0) return [];
  const ids = pending.map(({ id }) => id);
  return tx.db
    .select()
    .from(conversations)
    .where(and(eq(conversations.tenantId, ctx.tenant.id), inArray(conversations.id, ids)))
    .orderBy(asc(conversations.id))
    .for("no key update");
};

/** Takes back what is offered to agents who leave a department: they no longer see it, and must not be said to have missed it. */
export const withdrawOffers = async (
  ctx: AgentCtx,
  tx: Tx,
  offered: ConversationRow[],
  agentIds: string[],
): Promise<void> => {
  for (const { id } of offered) {
    const offer = await findOffer(tx.db, ctx.tenant.id, id);
    if (offer && agentIds.includes(offer.agentId)) await endOffer(ctx, tx, offer, "withdrawn");
  }
};
