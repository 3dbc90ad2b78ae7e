import { and, eq, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { offers } from "../../../db/schema/index.ts";
import type { AnyCtx, Tx } from "../../context.ts";
import type { OfferStatus } from "../../contract/routing.ts";
import { readerRoom } from "../../realtime/rooms.ts";
import { freeSlot } from "../routing/free-slot.ts";

export type OfferRow = typeof offers.$inferSelect;

/**
 * The offer that a conversation is held out by. Whoever begins or ends one holds the conversation's lock, so under that lock
 * the answer stands.
 */
export const findOffer = async (db: Db, tenantId: string, conversationId: string): Promise<OfferRow | undefined> => {
  const [row] = await db
    .select()
    .from(offers)
    .where(and(eq(offers.tenantId, tenantId), eq(offers.conversationId, conversationId), sql`status = 'pending'`));
  return row;
};

/** Ends a pending offer of a locked conversation, gives its slot back and tells the agent's other devices. */
export const endOffer = async (
  ctx: AnyCtx,
  tx: Tx,
  { id, agentId, conversationId }: OfferRow,
  status: Exclude<OfferStatus, "pending">,
  reason?: string,
): Promise<void> => {
  const { tenant, node } = ctx;
  await tx.db
    .update(offers)
    .set({ status, reason, answeredAt: sql`clock_timestamp()` })
    .where(and(eq(offers.tenantId, tenant.id), eq(offers.id, id)));
  await freeSlot(ctx, tx, agentId, status === "accepted");
  tx.afterCommit(() => {
    node.metrics.offers.inc({ status });
    // The device that answered has its ack.
    const except = ctx.actor.id === agentId && ctx.socketId ? { socketId: ctx.socketId } : undefined;
    node.publish.emit([readerRoom(tenant.id, agentId)], "offer:ended", { conversationId, status }, except);
  });
};
