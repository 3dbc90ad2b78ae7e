import type { SQL } from "drizzle-orm";
import type { Node } from "../server/context.ts";

/** Asks one question about the rows of all tenants: once per database. */
export const askAcrossTenants = async <R extends Record<string, unknown>>(node: Node, question: SQL): Promise<R[]> => {
  const found: R[] = [];
  for (const database of node.tenancy.databases()) {
    const tenants = await database.call<{ id: string }>("tenants", "SELECT list_tenant_ids() AS id", []);
    if (tenants.length === 0) continue;
    const ids = tenants.map(({ id }) => id);
    const { rows } = await node.tenancy.withTenants(database, ids, (db) => db.execute<R>(question));
    found.push(...(rows as R[]));
  }
  return found;
};
