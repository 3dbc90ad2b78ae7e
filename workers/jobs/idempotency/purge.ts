import { sql } from "drizzle-orm";
import { askAcrossTenants } from "../../../db/across-tenants.ts";
import type { Node } from "../../../server/context.ts";
import { noTenant } from "../../../server/features/idempotency/once.ts";

/** Forgets what requests with an Idempotency-Key were answered more than a day ago. */
export const purgeIdempotencyKeys = async ({ tenancy }: Node): Promise<void> => {
  const old = sql`DELETE FROM idempotency_keys WHERE created_at < now() - interval '1 day'`;
  await askAcrossTenants(tenancy, old, [noTenant]);
};
