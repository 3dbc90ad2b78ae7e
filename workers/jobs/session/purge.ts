import { sql } from "drizzle-orm";
import { askAcrossTenants } from "../../../db/across-tenants.ts";
import type { Node } from "../../../server/context.ts";

/** Removes sessions that ended more than thirty days ago. */
export const purgeSessions = async (node: Node): Promise<void> => {
  await askAcrossTenants(
    node.tenancy,
    (tenants) => sql`
      DELETE FROM sessions
      WHERE tenant_id = ANY(${tenants}) AND least(expires_at, coalesce(revoked_at, expires_at)) < now() - interval '30 days'`,
  );
};
