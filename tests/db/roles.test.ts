import pg from "pg";
import { afterAll, describe, expect, inject, test } from "vitest";
import { createPool } from "../../db/client.ts";
import { createDirectory } from "../../db/directory.ts";
import { createTenancy } from "../../db/tenancy.ts";
import { copyDatabase } from "../support/services.ts";
import { addAgent, createTenant } from "../support/tenant.ts";
import { readTables } from "./catalog.ts";

const database = await copyDatabase(inject("services"));
const { superuser } = database;
const options = { ownerUrl: database.ownerUrl, appUrl: database.appUrl, poolSize: 2, name: "test", onError: () => {} };
const tenancy = createTenancy(options);
const app = new pg.Pool({ connectionString: database.appUrl, max: 2 });
afterAll(async () => {
  await app.end();
  await tenancy.close();
  await database.drop();
});
const tables = (await readTables(superuser)).map(({ name }) => name);

const list = async (text: string, values: unknown[] = []): Promise<string[]> =>
  (await superuser.query<{ item: string }>(text, values)).rows.map(({ item }) => item);

const codeOf = (asked: Promise<unknown>): Promise<string | undefined> =>
  asked.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );

describe("the application's role", () => {
  test("is nobody special, and a member of nothing", async () => {
    const { rows } = await superuser.query("SELECT * FROM pg_roles WHERE rolname = 'parley_app'");
    expect(rows[0]).toMatchObject({
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolreplication: false,
    });
    expect(
      await list(
        "SELECT r.rolname AS item FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid WHERE m.member = 'parley_app'::regrole",
      ),
    ).toEqual([]);
  });

  test("owns nothing", async () => {
    const owned =
      "SELECT format('%s %s', classid::regclass, objid) AS item FROM pg_shdepend WHERE deptype = 'o' AND refobjid = 'parley_app'::regrole";
    expect(await list(owned)).toEqual([]);
  });

  test("can make nothing of its own in the schema", async () => {
    expect(await codeOf(app.query("CREATE TABLE loot (id integer)"))).toBe("42501");
    expect(await codeOf(app.query("CREATE FUNCTION loot() RETURNS integer LANGUAGE sql AS 'SELECT 1'"))).toBe("42501");
  });

  test("is the only one, beside their owner, who may call the functions", async () => {
    const calls = (role: string) =>
      list(
        `SELECT oid::regprocedure::text AS item FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace AND proowner = 'parley_owner'::regrole
           AND has_function_privilege($1, oid, 'EXECUTE') ORDER BY 1`,
        [role],
      );
    const definers = await list(
      "SELECT oid::regprocedure::text AS item FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef",
    );
    expect(definers.length).toBeGreaterThan(3);
    expect(await calls("parley_app")).toEqual(expect.arrayContaining(definers));
    // A role that every database has and that was granted nothing.
    expect(await calls("pg_monitor")).toEqual([]);
  });

  test("can't become another, and can't look past the guards", async () => {
    for (const text of ["SET ROLE parley_owner", "SET ROLE postgres", "SET SESSION AUTHORIZATION postgres"])
      expect([text, await codeOf(app.query(text))]).toEqual([text, "42501"]);
    expect(await codeOf(app.query("SET row_security = off; SELECT * FROM conversations"))).toBe("42501");
    expect(await codeOf(app.query("ALTER TABLE conversations DISABLE ROW LEVEL SECURITY"))).toBe("42501");
    expect(await codeOf(app.query("DROP POLICY own_tenant ON conversations"))).toBe("42501");
  });

  test.each(["UPDATE", "DELETE", "TRUNCATE"])("has no %s on audit events", async (right) => {
    const { rows } = await app.query(
      "SELECT has_any_column_privilege('audit_events', 'UPDATE') AS column, has_table_privilege('audit_events', $1) AS table",
      [right],
    );
    expect(rows[0]).toEqual({ column: false, table: false });
  });

  test("can't remove an entry, a tenant or a login, nor read the migrator's notes", async () => {
    for (const table of ["entries", "tenants", "users"])
      expect([table, await codeOf(app.query(`DELETE FROM ${table}`))]).toEqual([table, "42501"]);
    expect(await codeOf(app.query("SELECT * FROM migrations"))).toBe("42501");
  });

  test.each(tables)("can't empty %s, nor put a trigger or a pointer on it", async (table) => {
    const rights = ["TRUNCATE", "REFERENCES", "TRIGGER"];
    for (const right of rights) {
      const { rows } = await app.query("SELECT has_table_privilege($1, $2) AS may", [table, right]);
      expect([right, rows[0].may]).toEqual([right, false]);
    }
  });

  test.each(tables)("shares %s with nobody", async (table) => {
    const holders = await list(
      "SELECT DISTINCT grantee::text AS item FROM information_schema.role_table_grants WHERE table_name = $1 AND grantee NOT IN ('parley_app', 'parley_owner')",
      [table],
    );
    expect(holders).toEqual([]);
  });
});

test("the owner's role can't log in and is bound by the guards like everybody else", async () => {
  const { rows } = await superuser.query("SELECT * FROM pg_roles WHERE rolname = 'parley_owner'");
  expect(rows[0]).toMatchObject({ rolcanlogin: false, rolsuper: false, rolbypassrls: false });
  await createTenant(superuser);
  const client = await superuser.connect();
  try {
    await client.query("SET ROLE parley_owner");
    const { rows: seen } = await client.query("SELECT * FROM conversations UNION ALL SELECT * FROM conversations");
    expect(seen).toEqual([]);
  } finally {
    await client.query("RESET ROLE");
    client.release();
  }
});

describe("a connection by the owner's login", () => {
  const pool = createPool({ ...options, appUrl: undefined });
  afterAll(() => pool.end());

  test("steps down to the application's role, and stays there when reset", async () => {
    const who = async () => (await pool.query("SELECT current_user AS who")).rows[0].who;
    expect(await who()).toBe("parley_app");
    await pool.query("RESET ROLE");
    await pool.query("RESET ALL");
    expect(await who()).toBe("parley_app");
    expect(await codeOf(pool.query("SELECT * FROM migrations"))).toBe("42501");
  });
});

describe("the door to a tenant", () => {
  test("closes with its transaction, whether that went well or not", async () => {
    const tenant = await createTenant(superuser);
    const look = async () => (await tenancy.tenantDb(tenant.id).pool.query("SELECT id FROM tenants")).rows;
    const inside = await tenancy.withTenant(tenant.id, async (db) => (await db.execute("SELECT id FROM tenants")).rows);
    expect(inside).toEqual([{ id: tenant.id }]);
    expect(await look()).toEqual([]);
    await expect(tenancy.withTenant(tenant.id, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await Promise.all([look(), look()])).toEqual([[], []]);
  });

  test("opens for nothing that is no uuid", async () => {
    for (const id of ["", "x", "{}", "'); DROP TABLE entries; --", "00000000-0000-0000-0000-00000000000"])
      await expect(tenancy.withTenant(id, async () => {})).rejects.toThrow(TypeError);
  });

  test("opens for several tenants where work asks for several, and for no other", async () => {
    const [one, two] = [await createTenant(superuser), await createTenant(superuser)];
    await createTenant(superuser);
    const seen = await tenancy.withTenants(
      tenancy.databases()[0]!,
      [one.id, two.id],
      async (db) => (await db.execute<{ id: string }>("SELECT id FROM tenants")).rows,
    );
    expect(seen.map(({ id }) => id).toSorted()).toEqual([one.id, two.id].toSorted());
  });
});

describe("the look-ups across tenants", () => {
  const directory = createDirectory(tenancy.databases()[0]!);

  test("are these few, the owner's, with a fixed search path", async () => {
    const { rows } = await superuser.query(
      `SELECT proname AS name, proowner::regrole::text AS owner, proconfig AS settings, provolatile AS kind FROM pg_proc
       WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1`,
    );
    const fixed = { owner: "parley_owner", settings: ["search_path=public, pg_temp"], kind: "s" };
    const names = [
      "find_inbox",
      "find_login",
      "find_tenant",
      "list_tenant_ids",
      "list_tenants",
      "list_tenants_allowing",
      "list_tenants_of",
    ];
    expect(rows).toEqual(names.map((name) => ({ name, ...fixed })));
  });

  test("an inbox key tells its tenant and nothing more", async () => {
    const tenant = await createTenant(superuser);
    await createTenant(superuser);
    expect(await directory.findInbox(tenant.inbox.key)).toEqual({
      tenantId: tenant.id,
      inboxId: tenant.inbox.id,
      tenantName: tenant.name,
      tenantStatus: "active",
    });
    for (const wrong of ["", "%", "no-such-key", tenant.inbox.key.toUpperCase()])
      expect(await directory.findInbox(wrong)).toBeUndefined();
  });

  test("an e-mail address tells one person and the workspaces open to them", async () => {
    const [home, second, left, suspended] = await Promise.all(Array.from({ length: 4 }, () => createTenant(superuser)));
    const agent = await addAgent(superuser, home!);
    for (const [tenant, status] of [
      [second, "active"],
      [left, "deactivated"],
      [suspended, "active"],
    ] as const)
      await superuser.query("INSERT INTO memberships (tenant_id, user_id, role, status) VALUES ($1, $2, 'agent', $3)", [
        tenant!.id,
        agent.id,
        status,
      ]);
    await superuser.query("UPDATE tenants SET status = 'suspended' WHERE id = $1", [suspended!.id]);
    const login = await directory.findLogin(agent.email.toUpperCase());
    expect(login).toMatchObject({ userId: agent.id, name: agent.name, email: agent.email });
    const secondFactor = ["recoveryHashes", "totpConfirmedAt", "totpLastStep", "totpSecret"];
    const known = ["email", "emailConfirmedAt", "name", "passwordHash", "tenants", "userId", ...secondFactor];
    expect(Object.keys(login!).toSorted()).toEqual(known.toSorted());
    expect(await directory.findLoginById(agent.id)).toEqual(login);
    const everywhere = [home, second, left, suspended].map((tenant) => tenant!.id);
    expect((await directory.listTenantsOf(agent.id)).toSorted()).toEqual(everywhere.toSorted());
    const open = [home!, second!].map(({ id, name, slug }) => ({ id, name, slug }));
    expect(login!.tenants).toHaveLength(2);
    expect(login!.tenants).toEqual(expect.arrayContaining(open));
    for (const wrong of ["", "%", "nobody@nowhere.test", `${agent.email} `])
      expect(await directory.findLogin(wrong)).toBeUndefined();
  });

  test("a slug and a verified host tell their workspace, an unverified host nobody's", async () => {
    const [tenant, other] = [await createTenant(superuser), await createTenant(superuser)];
    const host = `help.${tenant.slug}.example`;
    const claim = (tenantId: string, verified: boolean) =>
      superuser.query(
        `INSERT INTO tenant_domains (tenant_id, id, host, token, verified_at)
         VALUES ($1, gen_random_uuid(), $2, 'token', CASE WHEN $3 THEN now() END)`,
        [tenantId, host, verified],
      );
    const place = { id: tenant.id, slug: tenant.slug, name: tenant.name, status: "active" };
    await claim(other.id, false);
    expect(await directory.findTenant({ host })).toBeUndefined();
    await claim(tenant.id, true);
    expect(await directory.findTenant({ host: host.toUpperCase() })).toEqual(place);
    expect(await directory.findTenant({ slug: tenant.slug })).toEqual(place);
    expect(await directory.findTenant({})).toBeUndefined();
    await expect(superuser.query("UPDATE tenant_domains SET verified_at = now()")).rejects.toMatchObject({
      code: "23505",
    });
  });
});
