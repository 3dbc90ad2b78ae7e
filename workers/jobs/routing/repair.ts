import { sql } from "drizzle-orm";
import { askAcrossTenants } from "../../../db/across-tenants.ts";
import { type Node, systemCtx, transaction } from "../../../server/context.ts";
import { routeDepartments } from "../../../server/features/routing/dispatch.ts";
import { lockMembers } from "../../../server/features/routing/slots.ts";

type Suspect = { tenantId: string; agentId: string };

/** What a member really holds: assignments that run and offers that are pending. */
const held = sql`(
  SELECT count(*) FROM assignments a WHERE a.tenant_id = m.tenant_id AND a.agent_id = m.user_id AND a.ended_at IS NULL
) + (
  SELECT count(*) FROM offers o WHERE o.tenant_id = m.tenant_id AND o.agent_id = m.user_id AND o.status = 'pending'
)`;

const repair = (node: Node, { tenantId, agentId }: Suspect): Promise<void> => {
  const tenant = { id: tenantId, name: "" };
  return transaction(systemCtx(node, tenant), async (tx) => {
    await lockMembers(tx.db, tenantId, [agentId]);
    const { rows } = await tx.db.execute<{ before: number; after: number }>(sql`
      UPDATE memberships m SET active_count = ${held} FROM memberships old
      WHERE m.tenant_id = ${tenantId} AND m.user_id = ${agentId} AND m.active_count <> ${held}
        AND old.tenant_id = m.tenant_id AND old.user_id = m.user_id
      RETURNING old.active_count AS before, m.active_count AS after`);
    if (!rows[0]) return;
    await tx.audit("agent.repair_slots", agentId, {
      before: { activeCount: rows[0].before },
      after: { activeCount: rows[0].after },
    });
    node.log.warn({ tenantId, agentId, ...rows[0] }, "a count of slots was wrong and is repaired");
    const departments = await tx.db.execute<{ id: string }>(sql`
      SELECT department_id AS id FROM department_members WHERE tenant_id = ${tenantId} AND user_id = ${agentId}`);
    const ids = departments.rows.map(({ id }) => id);
    tx.afterCommit(() => routeDepartments(node, tenant, ids, "reconciled"));
  });
};

/**
 * Sets counts of slots right that do not say what the assignments say. Nothing of ours makes them wrong; what was written to
 * the tables by hand, or restored in part, does. Counted again under the lock, so a claim that is under way is no error.
 */
export const repairSlots = async (node: Node): Promise<void> => {
  const suspects = await askAcrossTenants<Suspect>(
    node.tenancy,
    (tenants) => sql`
      SELECT m.tenant_id AS "tenantId", m.user_id AS "agentId" FROM memberships m
      WHERE m.tenant_id = ANY(${tenants}) AND m.active_count <> ${held}`,
  );
  for (const suspect of suspects)
    await repair(node, suspect).catch((error: unknown) =>
      node.log.warn({ err: error, tenantId: suspect.tenantId }, "a count of slots is left to the next repair"),
    );
};
