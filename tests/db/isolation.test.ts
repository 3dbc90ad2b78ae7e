import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, describe, expect, inject, test } from "vitest";
import { copyDatabase } from "../support/services.ts";
import { holdsTenants, readTables } from "./catalog.ts";
import type { Table } from "./catalog.ts";
import { fillTenant, insertText, newRows, whereKey } from "./rows.ts";
import type { Row } from "./rows.ts";

const database = await copyDatabase(inject("services"));
const app = new pg.Pool({ connectionString: database.appUrl, max: 2 });
afterAll(async () => {
  await app.end();
  await database.drop();
});

const tables = await readTables(database.superuser);
const mine = await fillTenant(database.superuser, tables);
const theirs = await fillTenant(database.superuser, tables);

const refusedByPolicy = "42501";
const pointsNowhere = "23503";

const nothing = { rows: [], count: 0 };
const refused = { ...nothing, code: refusedByPolicy };

const named = (some: Table[]) => some.map((table) => [table.name, table] as const);

type Outcome = { rows: Row[]; count: number; code?: string };

type Statement = [text: string, values?: unknown[]];

/** Runs statements as the application, with a tenant set or none, and undoes them. Only the last may be refused. */
const run = async (tenantId: string | undefined, ...statements: Statement[]): Promise<Outcome> => {
  const client = await app.connect();
  try {
    await client.query("BEGIN");
    if (tenantId !== undefined) await client.query("SELECT set_config('app.tenant_ids', $1, true)", [`{${tenantId}}`]);
    for (const [text, values] of statements.slice(0, -1)) await client.query(text, values);
    const [text, values] = statements.at(-1)!;
    return await client.query<Row>(text, values).then(
      ({ rows, rowCount }) => ({ rows, count: rowCount ?? 0 }),
      ({ code }: { code: string }) => ({ rows: [], count: 0, code }),
    );
  } finally {
    await client.query("ROLLBACK");
    client.release();
  }
};

const asMe = (...statement: Statement) => run(mine.tenantId, statement);

/** Inserts a new row of `table` as my tenant, with some of its columns changed, after all it has to point at. */
const insertAsMe = (table: Table, change: Row = {}): Promise<Outcome> => {
  const rows = newRows(tables, table, mine);
  const [name, row] = rows.at(-1)!;
  const inserts = [...rows.slice(0, -1), [name, { ...row, ...change }] as const];
  return run(mine.tenantId, ...inserts.map(([each, values]) => insertText(each, values)));
};

const rights = async (table: Table): Promise<Set<string>> => {
  const { rows } = await app.query<{ right: string }>(
    `SELECT p AS right FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) p
     WHERE has_table_privilege('public.' || quote_ident($1), p)`,
    [table.name],
  );
  return new Set(rows.map(({ right }) => right));
};

test("there are tables to look at, and rows of both tenants in each", async () => {
  expect(tables.length).toBeGreaterThanOrEqual(15);
  for (const { name } of tables) {
    const { rows } = await database.superuser.query<{ n: number }>(`SELECT count(*)::integer AS n FROM "${name}"`);
    expect([name, rows[0]!.n]).toEqual([name, 2]);
  }
});

describe.each(named(tables))("%s", (name, table) => {
  const [key, foreignKey] = whereKey(table, theirs.rows[name]!);
  const [, ownKey] = whereKey(table, mine.rows[name]!);

  test("shows a tenant its own rows, and of others nothing", async () => {
    expect((await asMe(`SELECT * FROM "${name}"`)).rows).toEqual([mine.rows[name]]);
    expect((await asMe(`SELECT * FROM "${name}" WHERE ${key}`, foreignKey)).rows).toEqual([]);
  });

  test("shows nothing where no tenant is set", async () => {
    expect(await run(undefined, [`SELECT * FROM "${name}"`])).toEqual(nothing);
    expect((await run(randomUUID(), [`SELECT * FROM "${name}"`])).rows).toEqual([]);
  });

  test("lets nobody change another tenant's rows, nor hand a row over", async () => {
    const column = table.primaryKey[0]!;
    const set = `UPDATE "${name}" SET "${column}" = "${column}"`;
    const may = (await rights(table)).has("UPDATE");
    const all = await asMe(set);
    expect(may ? all.count : all.code).toBe(may ? 1 : refusedByPolicy);
    const untouched = may ? nothing : refused;
    expect(await asMe(`${set} WHERE ${key}`, foreignKey)).toEqual(untouched);
    expect(await run(undefined, [set])).toEqual(untouched);
    if (!holdsTenants(table)) return;
    const over = await asMe(`UPDATE "${name}" SET tenant_id = '${theirs.tenantId}' WHERE ${key}`, ownKey);
    expect([over.count, over.code]).toEqual([0, refusedByPolicy]);
  });

  test("lets nobody remove another tenant's rows", async () => {
    const may = (await rights(table)).has("DELETE");
    const untouched = may ? nothing : refused;
    expect(await asMe(`DELETE FROM "${name}" WHERE ${key}`, foreignKey)).toEqual(untouched);
    expect(await run(undefined, [`DELETE FROM "${name}"`])).toEqual(untouched);
    expect((await asMe(`TRUNCATE "${name}" CASCADE`)).code).toBe(refusedByPolicy);
  });

  test("can't point at another tenant's rows", async () => {
    const whenMoved = (await rights(table)).has("UPDATE") ? pointsNowhere : refusedByPolicy;
    for (const { columns, target, targetColumns } of table.foreignKeys) {
      const own = columns.filter((column) => column !== "tenant_id");
      // A login belongs to no tenant; what points at it is a membership, which does.
      if (own.length === 0 || target === "users") continue;
      const values = own.map((column) => theirs.rows[target]![targetColumns[columns.indexOf(column)]!]);
      const inserted = await insertAsMe(table, Object.fromEntries(own.map((column, i) => [column, values[i]])));
      expect([columns, inserted.code]).toEqual([columns, pointsNowhere]);
      const set = own.map((column, i) => `"${column}" = $${table.primaryKey.length + i + 1}`).join(", ");
      const moved = await asMe(`UPDATE "${name}" SET ${set} WHERE ${key}`, [...ownKey, ...values]);
      expect([columns, moved.code]).toEqual([columns, whenMoved]);
    }
  });

  test("is guarded against its owner too", () => {
    expect(table.isForced).toBe(true);
  });
});

// A login is nobody's until it has a membership, so any tenant may add one.
test.each(named(tables.filter(({ name }) => name !== "users")))(
  "%s takes no row for another tenant, and none where no tenant is set",
  async (name) => {
    const insert = insertText(name, theirs.rows[name]!);
    expect((await asMe(...insert)).code).toBe(refusedByPolicy);
    expect((await run(undefined, insert)).code).toBe(refusedByPolicy);
  },
);

// A tenant's own row is its key: there can be no second one.
test.each(named(tables.filter(({ name }) => name !== "tenants")))(
  "%s takes a row of one's own",
  async (_name, table) => {
    expect(await insertAsMe(table)).toMatchObject({ count: 1 });
  },
);

test("a login that was added is seen by nobody before it has a membership", async () => {
  const users = tables.find(({ name }) => name === "users")!;
  const insert = insertText("users", newRows(tables, users, mine).at(-1)![1]);
  expect((await run(mine.tenantId, insert, ["SELECT * FROM users"])).rows).toEqual([mine.rows["users"]]);
});

describe.each(named(tables.filter(holdsTenants)))("the keys of %s", (name, table) => {
  test("start with the tenant", () => {
    // What the directory answers from, which tenant a key or a host belongs to, can't start with the answer.
    const unscoped: Record<string, string[][]> = { inbox_keys: [["key"]], tenant_domains: [["host"]] };
    const uniques = table.uniques.filter(({ columns }) => columns[0] !== "tenant_id").map((unique) => unique.columns);
    expect(uniques).toEqual(unscoped[name] ?? []);
  });

  test("carry the tenant along wherever they point at a tenant's rows", () => {
    const tenantTables = new Set(tables.filter(holdsTenants).map((each) => each.name));
    for (const { columns, targetColumns, target } of table.foreignKeys) {
      if (!tenantTables.has(target)) continue;
      expect([columns[0], targetColumns[0]]).toEqual(["tenant_id", "tenant_id"]);
    }
  });

  test("lead to a tenant that exists", () => {
    const leadsOn = (from: Table, seen: Set<string>): boolean =>
      from.foreignKeys.some(({ columns, target }) => {
        if (!columns.includes("tenant_id") || seen.has(target)) return false;
        if (target === "tenants") return true;
        return leadsOn(
          tables.find((each) => each.name === target)!,
          new Set([...seen, target]),
        );
      });
    // A request may come before its tenant is known, or make one: its answer stands under a tenant that is none.
    expect(leadsOn(table, new Set([name]))).toBe(name !== "idempotency_keys");
  });
});
