import { sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";

const mark = / \(archived \d{4}-\d{2}-\d{2}(?:, \d+)?\)$/u;

const namesBeginning = async (db: Db, tenantId: string, beginning: string): Promise<Set<string>> => {
  const { rows } = await db.execute<{ name: string }>(sql`
    SELECT name FROM departments WHERE tenant_id = ${tenantId} AND starts_with(name, ${beginning})`);
  return new Set(rows.map(({ name }) => name));
};

/** A name for what is archived today that makes room for a new department of the old one. */
export const archivedName = async (db: Db, tenantId: string, name: string): Promise<string> => {
  const base = `${name} (archived ${new Date().toISOString().slice(0, 10)}`;
  const taken = await namesBeginning(db, tenantId, base);
  let candidate = `${base})`;
  for (let n = 2; taken.has(candidate); n++) candidate = `${base}, ${n})`;
  return candidate;
};

/** The name it had before it was archived, or, where that is another's by now, the one it has. */
export const restoredName = async (db: Db, tenantId: string, name: string): Promise<string> => {
  const old = name.replace(mark, "");
  return (await namesBeginning(db, tenantId, old)).has(old) ? name : old;
};
