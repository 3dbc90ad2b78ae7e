import { sql } from "drizzle-orm";
import type { Node } from "../../../server/context.ts";
import { noTenant } from "../../../server/features/idempotency/once.ts";

/** Forgets what requests with an Idempotency-Key were answered more than a day ago. */
export const purgeIdempotencyKeys = async (node: Node): Promise<void> => {
  for (const database of node.tenancy.databases()) {
    const tenants = await database.call<{ id: string }>("tenants", "SELECT list_tenant_ids() AS id", []);
    await node.tenancy.withTenants(database, [noTenant, ...tenants.map(({ id }) => id)], (db) =>
      db.execute(sql`DELETE FROM idempotency_keys WHERE created_at < now() - interval '1 day'`),
    );
  }
};
