import pg from "pg";
import { afterAll, expect, inject, test } from "vitest";
import { copyDatabase } from "../support/services.ts";
import { holdsTenants, readTables } from "./catalog.ts";
import { fillTenant } from "./rows.ts";

const database = await copyDatabase(inject("services"));
const app = new pg.Client({ connectionString: database.appUrl });
await app.connect();
afterAll(async () => {
  await app.end();
  await database.drop();
});

/** Tables that were read from end to end since the transaction of `app` began. */
const scanned = async (): Promise<string[]> => {
  const { rows } = await app.query<{ name: string }>(
    "SELECT relname AS name FROM pg_stat_xact_user_tables WHERE seq_scan > 0 ORDER BY 1",
  );
  return rows.map(({ name }) => name);
};

// First: whoever looks at the tables while they hold next to nothing, as the others do, leaves no plan a choice.
test("the foreign key of a message looks its conversation up by its id, and by no index that only begins alike", async () => {
  const { tenantId } = await fillTenant(database.superuser, await readTables(database.superuser));
  await app.query("BEGIN");
  await app.query("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off");
  await app.query("SELECT set_config('app.tenant_ids', $1, true)", [`{${tenantId}}`]);
  const { rows } = await app.query<{ id: string }>("SELECT id FROM conversations WHERE tenant_id = $1", [tenantId]);
  const scans = async () => {
    const { rows: counted } = await app.query<{ name: string; scans: number }>(`
      SELECT pg_get_indexdef(c.oid) AS name, pg_stat_get_xact_numscans(c.oid)::integer AS scans
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'conversations'::regclass`);
    return new Map(counted.map(({ name, scans: count }) => [name, count]));
  };
  const before = await scans();
  await app.query(
    `INSERT INTO entries (tenant_id, conversation_id, audience, seq, id, kind, author_kind)
     VALUES ($1, $2, 'public', 1000, gen_random_uuid(), 'message', 'system')`,
    [tenantId, rows[0]!.id],
  );
  const after = await scans();
  await app.query("ROLLBACK");
  const used = [...after].filter(([name, count]) => count > (before.get(name) ?? 0)).map(([name]) => name);
  expect(used).toEqual([expect.stringMatching(/[(, ]id[ ,)]/u)]);
});

test.each([
  ["present_conversation", "present_conversation(c, 'agent', $2)"],
  ["count_unread", "count_unread(c, 'agent', $2)"],
  ["can_see", "can_see(c, 'agent', $2, false)"],
])("%s reads by key, though its plan was made when the tables held next to nothing", async (_, call) => {
  const { tenantId } = await fillTenant(database.superuser, await readTables(database.superuser));
  // The planner knows now how little there is.
  await database.superuser.query("ANALYZE");
  await app.query("BEGIN");
  await app.query("SELECT set_config('app.tenant_ids', $1, true)", [`{${tenantId}}`]);
  const { rowCount } = await app.query(`SELECT ${call} FROM conversations c WHERE tenant_id = $1`, [
    tenantId,
    tenantId,
  ]);
  expect(rowCount).toBeGreaterThan(0);
  // The statement's own way to the conversations is not what this is about.
  expect((await scanned()).filter((name) => name !== "conversations")).toEqual([]);
  await app.query("ROLLBACK");
});

const tables = await readTables(database.superuser);

// As a search of its own it made every index that begins with the tenant look as good as one by a whole key.
test.each(tables.filter((table) => holdsTenants(table) || ["tenants", "users"].includes(table.name)))(
  "the policy of $name judges rows, and is nothing an index is searched for",
  async ({ name }) => {
    await app.query("BEGIN");
    // Whoever can use an index must.
    await app.query("SET LOCAL enable_seqscan = off");
    const { rows } = await app.query<{ "QUERY PLAN": string }>(`EXPLAIN SELECT * FROM "${name}"`);
    await app.query("ROLLBACK");
    const lines = rows.map((row) => row["QUERY PLAN"].trim());
    // The list of the transaction's tenants stands in plans as the result of a plan of its own.
    expect(lines.filter((line) => line.includes("InitPlan 1)"))).toEqual([expect.stringMatching(/^Filter: /u)]);
  },
);
