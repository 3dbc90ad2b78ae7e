import { type SQL, sql } from "drizzle-orm";
import { askAcrossTenants } from "../../../db/across-tenants.ts";
import type { Node } from "../../../server/context.ts";
import { isOldKey, noTenant } from "../../../server/features/idempotency/once.ts";

/** Forgets what requests with an Idempotency-Key were answered long ago. */
export const purgeIdempotencyKeys = async ({ tenancy }: Node): Promise<void> => {
  const old = (tenants: SQL) => sql`DELETE FROM idempotency_keys WHERE tenant_id = ANY(${tenants}) AND ${isOldKey}`;
  await askAcrossTenants(tenancy, old, [noTenant]);
};
