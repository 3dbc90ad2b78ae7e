import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";
import { configOrExit } from "../server/config.ts";
import { createRoles, grantRoles, protect } from "./protect.ts";

// Any number that no other program takes on the same database.
const advisoryLock = 7_275_539;

const rolesNeeded = `The login of DATABASE_URL may not create or use the roles Parley works with. Let a superuser run once:
  CREATE ROLE parley_owner NOLOGIN; CREATE ROLE parley_app LOGIN; GRANT parley_owner, parley_app TO <that login>;`;

const insufficientPrivilege = "42501";
const refused = (error: unknown) =>
  (error as { code?: string }).code === insufficientPrivilege ? new Error(rolesNeeded, { cause: error }) : error;

const actAsOwner = "SET ROLE parley_app; RESET ROLE; SET ROLE parley_owner";

/**
 * Brings the database at `ownerUrl` up to date. Safe to run from several processes at once: they take turns, and all but
 * the first find nothing left to do. Statements that would wait long for a lock of running traffic fail instead.
 */
export const migrate = async (ownerUrl: string, say: (line: string) => void = () => {}): Promise<void> => {
  const client = new pg.Client({ connectionString: ownerUrl, application_name: "parley-migrate" });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [advisoryLock]);
    // Roles belong to the whole server: two databases of it may be migrated at once, under different locks.
    await client.query(createRoles).catch((error: { code?: string }) => {
      if (error.code !== "42710" && error.code !== "23505" && error.code !== "XX000") throw refused(error);
      return client.query(createRoles);
    });
    await client.query(actAsOwner).catch(async () => {
      await client.query(`${grantRoles}; ${actAsOwner}`).catch((error: unknown) => {
        throw refused(error);
      });
    });
    await client.query("SET lock_timeout = '10s'");
    await applyMigrations(drizzle(client), {
      migrationsFolder: fileURLToPath(new URL("./migrations", import.meta.url)),
      migrationsSchema: "public",
      migrationsTable: "migrations",
    });
    const { rows } = await client.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
    );
    const names = rows.map(({ name }) => name);
    const protection = protect(names);
    // Policies need exclusive locks, so they are renewed only where they would change.
    const digest = createHash("sha256").update(protection).digest("hex");
    const standing = await client.query<{ digest: string | null }>(
      "SELECT obj_description('public.migrations'::regclass) AS digest",
    );
    if (standing.rows[0]?.digest !== digest) {
      await client.query(`BEGIN; ${protection} COMMENT ON TABLE migrations IS '${digest}'; COMMIT`);
      // What was said of the columns counts from the next look at the tables on.
      // Not of the empty ones: Postgres takes a table it has seen empty for one that stays so, and each of its indexes for as
      // good as any other; of one it has never looked at it expects some pages.
      const { rows: filled } = await client.query<{ name: string }>(
        "SELECT relname AS name FROM pg_class WHERE oid = ANY ($1::regclass[]) AND pg_relation_size(oid) > 0",
        [names.map((name) => `public."${name}"`)],
      );
      if (filled.length > 0) await client.query(`ANALYZE ${filled.map(({ name }) => `"${name}"`).join(", ")}`);
    }
    say(`database: ${rows.length} tables up to date`);
  } finally {
    await client.end();
  }
};

if (process.argv[1] && import.meta.filename === process.argv[1]) {
  const { DATABASE_URL } = configOrExit(undefined, ["DATABASE_URL"]);
  await migrate(DATABASE_URL, (line) => process.stdout.write(`${line}\n`)).catch((error: Error) => {
    process.stderr.write(`The database could not be migrated. ${error.message}\n`);
    process.exit(1);
  });
}
