import { sql } from "drizzle-orm";
import type { Node } from "../../../server/context.ts";
import { drainQueue } from "../../../server/features/routing/dispatch.ts";

type Waiting = { tenantId: string; departmentId: string };

/**
 * Hands out what still waits although somebody could take it: a node may have died between storing a conversation and
 * routing it, or Redis may have been away when it tried.
 */
export const sweepRouting = async (node: Node): Promise<void> => {
  for (const database of node.tenancy.databases()) {
    const tenants = await database.call<{ id: string }>("tenants", "SELECT list_tenant_ids() AS id", []);
    if (tenants.length === 0) continue;
    const { rows } = await node.tenancy.withTenants(
      database,
      tenants.map(({ id }) => id),
      (db) =>
        db.execute<Waiting>(sql`
          SELECT DISTINCT tenant_id AS "tenantId", department_id AS "departmentId" FROM conversations
          WHERE status = 'queued' AND department_id IS NOT NULL AND created_at < now() - interval '2 seconds'`),
    );
    await Promise.all(
      rows.map(({ tenantId, departmentId }) =>
        drainQueue(node, { id: tenantId, name: "" }, [departmentId], "conversation_queued"),
      ),
    );
  }
};
