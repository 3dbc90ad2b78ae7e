/**
 * Roles, row-level security and grants, put in place after every migration, so that a table added later is protected on
 * arrival: whatever carries `tenant_id` gets the same policy. Idempotent.
 */

/** `parley_owner` owns everything and logs in nowhere; `parley_app` is the application: it owns nothing and bypasses nothing. */
export const createRoles = `
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'parley_owner') THEN
    CREATE ROLE parley_owner NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'parley_app') THEN
    CREATE ROLE parley_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
  END IF;
  EXECUTE format('GRANT CREATE, CONNECT ON DATABASE %I TO parley_owner', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO parley_app', current_database());
  GRANT USAGE, CREATE ON SCHEMA public TO parley_owner;
  GRANT USAGE ON SCHEMA public TO parley_app;
END $$`;

/** Lets the migrating login act as both roles: a login that may only create roles does not hold them from the start. */
export const grantRoles = `
DO $$ BEGIN EXECUTE format('GRANT parley_owner, parley_app TO %I', current_user); END $$`;

/** Tables on which the application's role holds less than everything. No table may be truncated by it. */
const grants: Record<string, string> = {
  tenants: "SELECT, INSERT, UPDATE",
  users: "SELECT, INSERT, UPDATE",
  entries: "SELECT, INSERT, UPDATE",
  audit_events: "SELECT, INSERT",
  migrations: "",
};

/** What the owner's look-up functions may read across tenants. */
const directory = ["tenants", "tenant_domains", "users", "memberships", "inbox_keys"];

// The sub-select makes the list a value computed once per statement instead of once per row.
const tenants = "(SELECT nullif(current_setting('app.tenant_ids', true), '')::uuid[])::uuid[]";

/**
 * Whether a column names a tenant of the transaction. It only judges rows: by `coalesce` no index can be searched for it. As
 * a search of its own it made every index that begins with the tenant look as if it led to one row, and a tenant's whole
 * table was read for a key. What a statement looks for, its tenant included, is for the statement to say.
 */
const isOwn = (column: string) => `coalesce(${column} = ANY (${tenants}), false)`;

/** Which rows of a table belong to the tenants of the transaction. */
const belongs = (table: string): string => {
  if (table === "tenants") return isOwn("id");
  // The offset keeps it a look-up for each login; without, the planner may read the memberships of all tenants at once.
  if (table === "users")
    return `EXISTS (SELECT FROM memberships m WHERE m.user_id = users.id AND ${isOwn("m.tenant_id")} OFFSET 0)`;
  return isOwn("tenant_id");
};

/**
 * Postgres lets everybody call a new function, and many of these act as the owner of the tables: they are for the
 * application alone.
 */
const closeFunctions = `
DO $$ DECLARE f regprocedure; BEGIN
  FOR f IN SELECT oid::regprocedure FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND proowner = 'parley_owner'::regrole LOOP
    EXECUTE format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', f);
    EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO parley_app', f);
  END LOOP;
END $$;
ALTER DEFAULT PRIVILEGES FOR ROLE parley_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE parley_owner IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO parley_app;
`;

/** The statements that protect `tables`, all tables of the schema, and its functions. */
export const protect = (tables: string[]): string =>
  closeFunctions +
  tables
    .map((table) => {
      const rights = grants[table] ?? "SELECT, INSERT, UPDATE, DELETE";
      if (table === "migrations") return `REVOKE ALL ON "${table}" FROM parley_app, PUBLIC;`;
      // Tenants differ in size by a thousand. Each is planned for as if it had all the rows, so that the planner never takes
      // a search by the tenant alone for as good as one by a key.
      const sizes = ["tenants", "users"].includes(table)
        ? ""
        : `ALTER TABLE "${table}" ALTER COLUMN tenant_id SET (n_distinct = 1);`;
      // A new login is written before its first membership, so only reading and changing users is tied to one.
      const check = table === "users" ? "true" : belongs(table);
      return `
REVOKE ALL ON "${table}" FROM parley_app, PUBLIC;
GRANT ${rights} ON "${table}" TO parley_app;
ALTER TABLE "${table}" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "${table}" FORCE ROW LEVEL SECURITY;
${sizes}
DROP POLICY IF EXISTS own_tenant ON "${table}";
DROP POLICY IF EXISTS directory ON "${table}";
CREATE POLICY own_tenant ON "${table}" TO parley_app USING (${belongs(table)}) WITH CHECK (${check});
${directory.includes(table) ? `CREATE POLICY directory ON "${table}" FOR SELECT TO parley_owner USING (true);` : ""}`;
    })
    .join("\n");
