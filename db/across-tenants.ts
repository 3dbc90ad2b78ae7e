import { sql, type SQL } from "drizzle-orm";
import type { Database, Tenancy } from "./tenancy.ts";

/** Every tenant that lives in the database. */
export const listTenantIds = async ({ call }: Database): Promise<string[]> =>
  (await call<{ id: string }>("upkeep", "tenants", "SELECT list_tenant_ids() AS id", [])).map(({ id }) => id);

// Row-level security compares each row with the transaction's tenants one after the other.
const mostAtOnce = 200;

/** The tenants in portions for which one transaction is quick, however many there are. */
export const inPortions = (tenantIds: string[]): string[][] =>
  Array.from({ length: Math.ceil(tenantIds.length / mostAtOnce) }, (_, i) =>
    tenantIds.slice(i * mostAtOnce, (i + 1) * mostAtOnce),
  );

/** SQL: a list of tenants, for a statement to name those it is about: row-level security finds no rows, it only hides some. */
export const listOf = (tenantIds: string[]): SQL => sql`${sql.param(tenantIds)}::uuid[]`;

/** Runs one statement over the rows of these tenants, in a transaction for each portion of them, and returns all answers. */
export const askPortions = async <R extends Record<string, unknown>>(
  { withTenants }: Pick<Tenancy, "withTenants">,
  database: Database,
  tenantIds: string[],
  statement: (tenants: SQL) => SQL,
  urgent = false,
): Promise<R[]> => {
  const found: R[] = [];
  for (const portion of inPortions(tenantIds)) {
    const { rows } = await withTenants(database, portion, (db) => db.execute<R>(statement(listOf(portion))), urgent);
    found.push(...(rows as R[]));
  }
  return found;
};

/**
 * Runs one statement over the rows of all tenants. It names those of its portion by the list it is given. `also`: ids under
 * which rows stand that are no tenant's.
 */
export const askAcrossTenants = async <R extends Record<string, unknown>>(
  tenancy: Tenancy,
  statement: (tenants: SQL) => SQL,
  also: string[] = [],
): Promise<R[]> => {
  const found: R[] = [];
  for (const database of tenancy.databases())
    found.push(...(await askPortions<R>(tenancy, database, [...also, ...(await listTenantIds(database))], statement)));
  return found;
};
