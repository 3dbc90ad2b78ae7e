import { sql } from "drizzle-orm";

/**
 * SQL: joins to a department's member `dm` their membership `m`, by its key. As a plain join it could be found by the tenant
 * alone, and each member held against all the workspace's, for as long as Postgres knows nothing of the tables. The offset
 * keeps it a look-up for each.
 */
export const joinMembership = sql`
  CROSS JOIN LATERAL (
    SELECT * FROM memberships WHERE tenant_id = dm.tenant_id AND user_id = dm.user_id OFFSET 0
  ) m`;
