import { sql } from "drizzle-orm";
import { askAcrossTenants } from "../../../db/across-tenants.ts";
import type { Node } from "../../../server/context.ts";
import { drainQueue } from "../../../server/features/routing/dispatch.ts";
import { fallBack } from "../../../server/features/routing/fall-back.ts";

type Waiting = { tenantId: string; departmentIds: string[] };
type Overdue = { tenantId: string; conversationId: string };

// The rest is found by the next sweep: one job must not last for ever.
const mostOverdue = 500;

/**
 * Hands out what still waits although somebody could take it: a node may have died between storing a conversation and
 * routing it, or Redis may have been away when it tried. What has waited for as long as its department allows goes to the
 * fallback first.
 */
export const sweepRouting = async (node: Node): Promise<void> => {
  const overdue = await askAcrossTenants<Overdue>(
    node.tenancy,
    (tenants) => sql`
      SELECT c.tenant_id AS "tenantId", c.id AS "conversationId"
      FROM departments d
      JOIN tenants t ON t.id = d.tenant_id AND t.status = 'active'
      JOIN departments f ON f.tenant_id = d.tenant_id AND f.id = d.fallback_department_id AND f.archived_at IS NULL
      JOIN conversations c ON c.tenant_id = d.tenant_id AND c.department_id = d.id AND c.status = 'queued'
      WHERE d.tenant_id = ANY(${tenants}) AND d.fallback_after_seconds IS NOT NULL AND NOT c.for_later
        AND c.queued_at <= now() - make_interval(secs => d.fallback_after_seconds)
        AND NOT EXISTS (
          SELECT FROM offers o WHERE o.tenant_id = c.tenant_id AND o.conversation_id = c.id AND o.status = 'pending')
        AND NOT EXISTS (
          SELECT FROM entries e
          WHERE e.tenant_id = c.tenant_id AND e.conversation_id = c.id AND e.audience = 'public' AND e.kind = 'activity'
            AND e.created_at >= c.queued_at AND e.activity ->> 'type' = 'transferred' AND e.activity ->> 'reason' = 'fallback')
      ORDER BY c.queued_at LIMIT ${mostOverdue}`,
  );
  for (const { tenantId, conversationId } of overdue)
    await fallBack(node, { id: tenantId, name: "" }, conversationId).catch((error: unknown) =>
      node.log.warn({ err: error, tenantId }, "what has waited too long is left to the next sweep"),
    );
  const waiting = await askAcrossTenants<Waiting>(
    node.tenancy,
    (tenants) => sql`
      SELECT d.tenant_id AS "tenantId", array_agg(d.id) AS "departmentIds"
      FROM departments d JOIN tenants t ON t.id = d.tenant_id
      WHERE d.tenant_id = ANY(${tenants}) AND t.status = 'active' AND d.strategy <> 'manual' AND d.archived_at IS NULL
        AND EXISTS (
          SELECT FROM conversations c
          WHERE c.tenant_id = d.tenant_id AND c.department_id = d.id AND c.status = 'queued')
      GROUP BY d.tenant_id`,
  );
  await Promise.all(
    waiting.map(({ tenantId, departmentIds }) =>
      drainQueue(node, { id: tenantId, name: "" }, departmentIds, "reconciled"),
    ),
  );
};
