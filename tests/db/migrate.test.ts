import { execFile } from "node:child_process";
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import { generateDrizzleJson, generateMigration } from "drizzle-kit/api";
import pg from "pg";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { createRoles, grantRoles, protect } from "../../db/protect.ts";
import { migrate } from "../../db/migrate.ts";
import * as schema from "../../db/schema/index.ts";
import { testSettings } from "../support/nodes.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const services = inject("services");

const named = (database: string): string => {
  const url = new URL(services.ownerUrl);
  url.pathname = `/${database}`;
  return url.href;
};

const ask = async <R extends pg.QueryResultRow>(url: string, text: string): Promise<R[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(text)).rows;
  } finally {
    await client.end();
  }
};

/** An empty database for one test. */
const emptyDatabase = async (): Promise<string> => {
  const name = `migrate_${randomBytes(6).toString("hex")}`;
  await ask(named("postgres"), `CREATE DATABASE ${name}`);
  onTestFinished(async () => {
    await ask(named("postgres"), `DROP DATABASE ${name} WITH (FORCE)`);
  });
  return named(name);
};

/** Everything in the schema that a migration makes, one line each. */
const describeSchema = async (url: string): Promise<string[]> => {
  const rows = await ask<{ line: string }>(
    url,
    `SELECT line FROM (
      SELECT format('column %s.%s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        pg_get_expr(d.adbin, d.adrelid)) AS line
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      UNION ALL SELECT format('constraint %s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
      UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
      UNION ALL SELECT format('function %s %s %s', proname, proowner::regrole, md5(pg_get_functiondef(oid))) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
      UNION ALL SELECT format('policy %s on %s to %s: %s / %s', policyname, tablename, roles, qual, with_check) FROM pg_policies WHERE schemaname = 'public'
      UNION ALL SELECT format('table %s of %s: %s %s %s %s', relname, relowner::regrole, relrowsecurity, relforcerowsecurity, relacl, reloptions)
        FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
    ) AS everything ORDER BY line`,
  );
  return rows.map(({ line }) => line);
};

/** `npm run migrate` in a process of its own. */
const migrateElsewhere = (url: string) =>
  promisify(execFile)(process.execPath, ["--import", "tsx", "db/migrate.ts"], {
    cwd: root,
    env: { PATH: process.env["PATH"], ...testSettings, DATABASE_URL: url, REDIS_URL: services.redisUrl },
  });

const journal = JSON.parse(readFileSync(`${root}db/migrations/meta/_journal.json`, "utf8")) as {
  entries: { tag: string; when: number }[];
};

/** A database as the first `count` migrations left it, protected as it was then. */
const databaseAt = async (count: number): Promise<string> => {
  const url = await emptyDatabase();
  await ask(
    url,
    `${createRoles}; ${grantRoles}; SET ROLE parley_owner;
    CREATE TABLE migrations (id serial PRIMARY KEY, hash text NOT NULL, created_at bigint)`,
  );
  for (const { tag, when } of journal.entries.slice(0, count)) {
    const file = readFileSync(`${root}db/migrations/${tag}.sql`, "utf8");
    const hash = createHash("sha256").update(file).digest("hex");
    await ask(
      url,
      `SET ROLE parley_owner; ${file}; INSERT INTO migrations (hash, created_at) VALUES ('${hash}', ${when})`,
    );
  }
  const tables = await ask<{ name: string }>(
    url,
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  await ask(url, protect(tables.map(({ name }) => name)));
  return url;
};

describe("migrating", () => {
  test("an empty database from several processes at once ends with the one schema, each step applied once", async () => {
    const url = await emptyDatabase();
    const outcomes = await Promise.all([migrateElsewhere(url), migrateElsewhere(url), migrateElsewhere(url)]);
    for (const { stdout } of outcomes) expect(stdout).toContain("up to date");
    const applied = await ask<{ hash: string }>(url, "SELECT hash FROM migrations");
    expect(applied).toHaveLength(journal.entries.length);
    expect(new Set(applied.map(({ hash }) => hash)).size).toBe(applied.length);
    expect(await describeSchema(url)).toEqual(await describeSchema(services.ownerUrl));
  });

  test("a database that is up to date changes nothing, and waits for no running transaction", async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const before = await describeSchema(url);
    const traffic = new pg.Client({ connectionString: url });
    await traffic.connect();
    try {
      await traffic.query("BEGIN; LOCK TABLE conversations, entries, sessions IN ROW EXCLUSIVE MODE");
      await Promise.all([migrate(url), migrate(url)]);
    } finally {
      await traffic.end();
    }
    expect(await describeSchema(url)).toEqual(before);
  });
});

test("a database that is up to date but for its protection gets the present one, and the planner knows of it", async () => {
  const url = await emptyDatabase();
  await migrate(url);
  const before = await describeSchema(url);
  await ask(
    url,
    `DROP POLICY own_tenant ON contacts;
    CREATE POLICY own_tenant ON contacts TO parley_app USING (tenant_id IS NOT NULL);
    ALTER TABLE contacts ALTER COLUMN tenant_id RESET (n_distinct);
    INSERT INTO tenants (id, slug, name) SELECT gen_random_uuid(), g::text, 'T' FROM generate_series(1, 9) g;
    INSERT INTO roles (tenant_id, key, name) SELECT id, 'agent', 'Agent' FROM tenants;
    COMMENT ON TABLE migrations IS 'an older one'`,
  );
  await migrate(url);
  expect(await describeSchema(url)).toEqual(before);
  const known = await ask(url, "SELECT n_distinct FROM pg_stats WHERE tablename = 'roles' AND attname = 'tenant_id'");
  expect(known).toEqual([{ n_distinct: 1 }]);
});

test("a workspace from before roles were rows keeps its people, with their roles", async () => {
  const url = await databaseAt(3);
  const [tenant, user] = [randomUUID(), randomUUID()];
  await ask(
    url,
    `
    INSERT INTO tenants (id, slug, name) VALUES ('${tenant}', 'old', 'Old');
    INSERT INTO users (id, email, name) VALUES ('${user}', 'old@old.test', 'Olga');
    INSERT INTO memberships (tenant_id, user_id, role) VALUES ('${tenant}', '${user}', 'manager')`,
  );
  await migrate(url);
  expect(await ask(url, "SELECT key, built_in FROM roles ORDER BY key")).toEqual(
    ["agent", "manager", "read_only", "tenant_admin"].map((key) => ({ key, built_in: true })),
  );
  expect(await ask(url, "SELECT role, status FROM memberships")).toEqual([{ role: "manager", status: "active" }]);
  expect(await describeSchema(url)).toEqual(await describeSchema(services.ownerUrl));
});

test("a login from before addresses were confirmed is found as it was, confirmed where it came by an invitation", async () => {
  const url = await databaseAt(5);
  const [tenant, old, invited] = [randomUUID(), randomUUID(), randomUUID()];
  await ask(
    url,
    `
    INSERT INTO tenants (id, slug, name) VALUES ('${tenant}', 'old', 'Old');
    INSERT INTO roles (tenant_id, key, name, built_in) VALUES ('${tenant}', 'agent', 'Agent', true);
    INSERT INTO users (id, email, name, password_hash)
      VALUES ('${old}', 'old@old.test', 'Olga', 'hash'), ('${invited}', 'invited@old.test', 'Ivo', 'hash');
    INSERT INTO memberships (tenant_id, user_id, role) VALUES ('${tenant}', '${old}', 'agent'), ('${tenant}', '${invited}', 'agent');
    INSERT INTO invitations (tenant_id, id, email, role, token_hash, invited_by_id, expires_at, accepted_at) VALUES
      ('${tenant}', gen_random_uuid(), 'invited@old.test', 'agent', 'one', '${old}', now(), now()),
      ('${tenant}', gen_random_uuid(), 'old@old.test', 'agent', 'two', '${old}', now(), NULL)`,
  );
  await migrate(url);
  const find = (email: string) =>
    ask(url, `SELECT user_id, password_hash, email_confirmed_at FROM find_login('${email}', NULL)`);
  expect(await find("Old@old.test")).toEqual([{ user_id: old, password_hash: "hash", email_confirmed_at: null }]);
  expect(await find("invited@old.test")).toEqual([
    { user_id: invited, password_hash: "hash", email_confirmed_at: expect.any(Date) },
  ]);
});

test("the migrations in the folder are those in the journal", () => {
  const files = readdirSync(`${root}db/migrations`).filter((name) => name.endsWith(".sql"));
  expect(files.toSorted()).toEqual(journal.entries.map(({ tag }) => `${tag}.sql`).toSorted());
});

test("the schema in code needs no migration beyond those that are written", async () => {
  const last = String(journal.entries.length - 1).padStart(4, "0");
  const written = JSON.parse(readFileSync(`${root}db/migrations/meta/${last}_snapshot.json`, "utf8"));
  const present = generateDrizzleJson(schema, written.id);
  expect(await generateMigration(written, present)).toEqual([]);
});

test("the schema in code names every column of the database, with its type, and no other", async () => {
  const rows = await ask<{ line: string }>(
    services.ownerUrl,
    `SELECT format('%s.%s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull) AS line
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname <> 'migrations'`,
  );
  const declared = Object.values(schema)
    .filter((table) => table instanceof PgTable)
    .map((table) => getTableConfig(table))
    .flatMap(({ name, columns, primaryKeys }) =>
      columns.map((column) => {
        const isKey = primaryKeys.some((key) => key.columns.some((each) => each.name === column.name));
        const type = column.getSQLType().replace("timestamp (3)", "timestamp(3)");
        return `${name}.${column.name} ${type} ${column.notNull || isKey ? "t" : "f"}`;
      }),
    );
  expect(declared.toSorted()).toEqual(rows.map(({ line }) => line).toSorted());
});
