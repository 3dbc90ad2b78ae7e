import { sql } from "drizzle-orm";
import type { AgentCtx, Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { builtInRoleNames } from "../../contract/permissions.ts";

const longestKey = 50;

/** A key out of a name: `Équipe de nuit` makes `equipe_de_nuit`; a name without a single letter we know makes `role`. */
export const keyFrom = (name: string): string =>
  name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}+/gu, "")
    .replace(/[^a-z0-9]+/gu, "_")
    .slice(0, longestKey)
    .replace(/^_+|_+$/gu, "") || "role";

/** A key that nobody has, the built-in roles of any workspace included. The tenant's row is locked, so it stays free. */
export const freeKey = async (ctx: AgentCtx, tx: Tx, name: string): Promise<string> => {
  const wanted = keyFrom(name);
  const { rows } = await tx.db.execute<{ key: string }>(sql`
    SELECT key FROM roles WHERE tenant_id = ${ctx.tenant.id} AND starts_with(key, ${wanted})`);
  const taken = new Set([...rows.map(({ key }) => key), ...Object.keys(builtInRoleNames)]);
  let key = wanted;
  for (let n = 2; taken.has(key); n++) key = `${wanted}_${n}`;
  return key;
};

/** Two roles of one name could not be told apart. Throws Refusal `conflict`. */
export const ensureNameFree = async (ctx: AgentCtx, tx: Tx, name: string, exceptKey?: string): Promise<void> => {
  const { rows } = await tx.db.execute(sql`
    SELECT 1 FROM roles WHERE tenant_id = ${ctx.tenant.id} AND lower(name) = lower(${name})
      AND key IS DISTINCT FROM ${exceptKey ?? null}::text LIMIT 1`);
  if (rows.length > 0)
    throw new Refusal("conflict", "There is a role with that name already. Please choose another name.");
};
