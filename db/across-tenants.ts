import type { SQL } from "drizzle-orm";
import type { Database, Tenancy } from "./tenancy.ts";

/** Every tenant that lives in the database. */
export const listTenantIds = async ({ call }: Database): Promise<string[]> =>
  (await call<{ id: string }>("upkeep", "tenants", "SELECT list_tenant_ids() AS id", [])).map(({ id }) => id);

/**
 * Runs one statement over the rows of all tenants, once per database and in a transaction of its own, and returns what the
 * databases answered together. `also`: ids under which rows stand that are no tenant's.
 */
export const askAcrossTenants = async <R extends Record<string, unknown>>(
  { databases, withTenants }: Tenancy,
  statement: SQL,
  also: string[] = [],
): Promise<R[]> => {
  const found: R[] = [];
  for (const database of databases()) {
    const ids = [...also, ...(await listTenantIds(database))];
    if (ids.length === 0) continue;
    const { rows } = await withTenants(database, ids, (db) => db.execute<R>(statement));
    found.push(...(rows as R[]));
  }
  return found;
};
