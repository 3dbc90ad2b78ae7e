import { and, eq, sql } from "drizzle-orm";
import { conversations, memberships, users } from "../../../db/schema/index.ts";
import { type AnyCtx, type Ctx, type Node, systemCtx, transaction, type Tx } from "../../context.ts";
import { silentPublish } from "../../realtime/silent-publish.ts";
import { appendActivity } from "../../timeline/append-activity.ts";
import { announceAvailability } from "../availability/announce.ts";
import { routeDepartments } from "../routing/dispatch.ts";
import { endOffer, findOffer, type OfferRow } from "./pending.ts";

/** So many offers in a row that nobody answers mean that nobody is there. */
export const mostMissed = 3;

/**
 * Counts an offer that nobody answered; says whose name it was and whether the agent is now away for it. A process that can't
 * tell them so does not count it.
 */
const countMissed = async (
  tx: Tx,
  { node, tenant }: AnyCtx,
  agentId: string,
): Promise<{ name: string; away: boolean }> => {
  const counts = node.publish === silentPublish ? 0 : 1;
  const missed = sql`${memberships.missedOffers} + ${counts}::integer`;
  const [row] = await tx.db
    .update(memberships)
    .set({
      missedOffers: sql`CASE WHEN ${missed} >= ${mostMissed} THEN 0 ELSE ${missed} END`,
      availability: sql`CASE WHEN ${missed} >= ${mostMissed} THEN 'away' ELSE ${memberships.availability} END`,
    })
    .from(users)
    .where(and(eq(memberships.tenantId, tenant.id), eq(memberships.userId, agentId), eq(users.id, memberships.userId)))
    .returning({ missed: memberships.missedOffers, name: users.name });
  return { name: row?.name ?? "", away: counts > 0 && row?.missed === 0 };
};

const miss = async (ctx: Ctx<{ kind: "system" }>, tx: Tx, offer: OfferRow): Promise<void> => {
  const { tenant, node } = ctx;
  const { agentId, conversationId, departmentId } = offer;
  await endOffer(ctx, tx, offer, "missed");
  const { name, away } = await countMissed(tx, ctx, agentId);
  await appendActivity(ctx, tx, conversationId, "internal", { type: "offer_missed", agentId, agentName: name });
  if (away) {
    await tx.audit("availability.set", agentId, { after: { availability: "away", reason: "missed_offers" } });
    tx.afterCommit(() => announceAvailability(node, tenant.id, agentId, "away", { reason: "missed_offers" }));
  }
  if (departmentId)
    tx.afterCommit(() => routeDepartments(node, tenant, [departmentId], "offer_missed", conversationId));
};

/**
 * Passes a conversation on whose offer nobody answered in time, by the database's clock. Asked too early, or for an offer that
 * is over already, it does nothing: so any number of alarms for one offer have one effect. `gone`: the agent it is held out to
 * is no longer there, and there is nothing to wait for; that counts as nobody's failing. Answers whether it could look:
 * somebody else may have the conversation locked, and the next one's offer must not wait for that.
 */
export const lapseOffer = async (
  node: Node,
  tenant: Ctx["tenant"],
  conversationId: string,
  { gone }: { gone?: string } = {},
): Promise<boolean> => {
  const ctx = systemCtx(node, tenant);
  return transaction(ctx, async (tx) => {
    const [locked] = await tx.db
      .select({ id: conversations.id })
      .from(conversations)
      .where(and(eq(conversations.tenantId, tenant.id), eq(conversations.id, conversationId)))
      .for("no key update", { skipLocked: true });
    if (!locked) return false;
    const offer = await findOffer(tx.db, tenant.id, conversationId);
    if (!offer) return true;
    const { rows } = await tx.db.execute<{ over: boolean }>(
      sql`SELECT ${offer.expiresAt.toISOString()}::timestamptz <= clock_timestamp() AS over`,
    );
    if (rows[0]!.over) await miss(ctx, tx, offer);
    else if (gone === offer.agentId) {
      await endOffer(ctx, tx, offer, "withdrawn");
      const { departmentId } = offer;
      if (departmentId)
        tx.afterCommit(() => routeDepartments(node, tenant, [departmentId], "agent_absent", conversationId));
    }
    return true;
  });
};
