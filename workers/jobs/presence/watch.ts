import { type SQL, sql } from "drizzle-orm";
import { askAcrossTenants } from "../../../db/across-tenants.ts";
import { type Node, systemCtx, transaction } from "../../../server/context.ts";
import { handBack } from "../../../server/features/routing/hand-back.ts";

/** Somebody who holds conversations or was seen to be gone; `due`: gone for longer than the grace. */
type Holder = { tenantId: string; agentId: string; holds: boolean; marked: boolean; due: boolean };

const holders = (graceSeconds: number) => (tenants: SQL) =>
  sql`
  SELECT tenant_id AS "tenantId", user_id AS "agentId", active_count > 0 AS holds, absent_since IS NOT NULL AS marked,
    coalesce(absent_since <= now() - make_interval(secs => ${graceSeconds}), false) AS due
  FROM memberships
  WHERE tenant_id = ANY(${tenants}) AND status = 'active' AND (active_count > 0 OR absent_since IS NOT NULL)`;

const idsOf = (list: Holder[]) => sql`${sql.param(list.map(({ agentId }) => agentId))}::uuid[]`;

/** Notes who is gone and who is back, and hands back what those hold whose grace is over. */
const watchTenant = async (node: Node, tenantId: string, members: Holder[]): Promise<void> => {
  const present = await node.presence.listCertain(tenantId);
  if (!present) return;
  const isGone = ({ agentId, holds }: Holder) => holds && !present.has(agentId);
  const gone = members.filter((one) => isGone(one) && !one.marked);
  const back = members.filter((one) => !isGone(one) && one.marked);
  if (gone.length + back.length > 0)
    await node.tenancy.withTenant(tenantId, (db) =>
      db.execute(sql`
        UPDATE memberships SET absent_since = CASE WHEN user_id = ANY(${idsOf(gone)}) THEN coalesce(absent_since, now()) END
        WHERE tenant_id = ${tenantId} AND user_id = ANY(ARRAY(
          -- Whoever is locked at the moment is noted the next time.
          SELECT user_id FROM memberships WHERE tenant_id = ${tenantId} AND user_id = ANY(${idsOf([...gone, ...back])})
          ORDER BY user_id FOR NO KEY UPDATE SKIP LOCKED))`),
    );
  for (const { agentId } of members.filter((one) => isGone(one) && one.due)) {
    const ctx = systemCtx(node, { id: tenantId, name: "" });
    // Whoever has come back this very moment keeps what they hold.
    const there = await node.presence.listCertain(tenantId);
    if (!there || there.has(agentId)) continue;
    await transaction(ctx, async (tx) => {
      const { passedOver } = await handBack(ctx, tx, agentId, "agent_absent");
      // The rest is due again the next time.
      if (passedOver) return;
      await tx.db.execute(sql`
        UPDATE memberships SET absent_since = NULL WHERE tenant_id = ${tenantId} AND user_id = ${agentId}`);
    });
    node.log.info({ tenant: tenantId, agent: agentId }, "handed back the conversations of an absent agent");
  }
};

/**
 * Conversations of an agent whose leases have run out wait for a grace (HANDOVER_GRACE_SECONDS) and are then routed again,
 * once. Back within it, the agent keeps them. When it began stands in the table, so a worker that dies forgets nothing, and
 * two that run at once hand back one after the other, of which the second finds nothing. Where presence is not certain
 * (Redis away, or emptied a moment ago) nothing happens. Somebody who was given a conversation although they were gone has
 * `infinity` there: they keep it until they have been here and gone again.
 */
export const watchPresence = async (node: Node): Promise<void> => {
  const tenants = new Map<string, Holder[]>();
  for (const holder of await askAcrossTenants<Holder>(node.tenancy, holders(node.config.HANDOVER_GRACE_SECONDS)))
    tenants.set(holder.tenantId, [...(tenants.get(holder.tenantId) ?? []), holder]);
  for (const [tenantId, members] of tenants)
    await watchTenant(node, tenantId, members).catch((error: unknown) =>
      node.log.warn({ err: error, tenant: tenantId }, "the absent of a workspace have to wait"),
    );
};
