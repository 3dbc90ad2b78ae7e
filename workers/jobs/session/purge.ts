import { sql } from "drizzle-orm";
import type { Node } from "../../../server/context.ts";

/** Removes sessions that ended more than thirty days ago. */
export const purgeSessions = async (node: Node): Promise<void> => {
  for (const database of node.tenancy.databases()) {
    const tenants = await database.call<{ id: string }>("tenants", "SELECT list_tenant_ids() AS id", []);
    if (tenants.length === 0) continue;
    await node.tenancy.withTenants(
      database,
      tenants.map(({ id }) => id),
      (db) =>
        db.execute(sql`
          DELETE FROM sessions WHERE least(expires_at, coalesce(revoked_at, expires_at)) < now() - interval '30 days'`),
    );
  }
};
