import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrate } from "../../db/migrate.ts";
import { startPostgres } from "../../server/launch/postgres.ts";
import type { EmbeddedPostgres } from "../../server/launch/postgres.ts";
import { startRedis } from "../../server/launch/redis.ts";
import type { EmbeddedRedis } from "../../server/launch/redis.ts";

/** A throw-away Postgres with a migrated database, and a throw-away Redis. */
export type Services = {
  postgres: EmbeddedPostgres;
  redis: EmbeddedRedis;
  /** A folder that is gone with them, for logs. */
  dir: string;
  stop: () => Promise<void>;
};

export const startServices = async (): Promise<Services> => {
  const dir = mkdtempSync(join(tmpdir(), "parley-test-"));
  const [postgres, redis] = await Promise.all([
    startPostgres({ dir: join(dir, "postgres"), durable: false }).then(async (started) => {
      await migrate(started.ownerUrl);
      return started;
    }),
    startRedis({ dir: join(dir, "redis"), durable: false, databases: 1_000 }),
  ]);
  return {
    postgres,
    redis,
    dir,
    stop: async () => {
      await Promise.all([postgres.stop(), redis.stop()]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

/** A migrated, empty database. `superuser` sees across tenants, as no part of the product does. */
export type TestDatabase = { ownerUrl: string; appUrl: string; superuser: pg.Pool; drop: () => Promise<void> };

/** A pool for tests' own eyes. Errors on idle connections are expected here: tests restart Postgres. */
export const superuserPool = (url: string): pg.Pool => {
  const pool = new pg.Pool({ connectionString: url, max: 4, application_name: "parley-test" });
  pool.on("error", () => {});
  return pool;
};

const named = (url: string, database: string): string => {
  const renamed = new URL(url);
  renamed.pathname = `/${database}`;
  return renamed.href;
};

/** Copies the migrated database of a running server; the copy is empty and takes a fraction of a second. */
export const copyDatabase = async (template: { ownerUrl: string; appUrl: string }): Promise<TestDatabase> => {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const run = async (sql: string) => {
    const client = new pg.Client({ connectionString: named(template.ownerUrl, "postgres") });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  const original = new URL(template.ownerUrl).pathname.slice(1);
  await run(`CREATE DATABASE ${name} TEMPLATE "${original}"`);
  const superuser = superuserPool(named(template.ownerUrl, name));
  return {
    ownerUrl: named(template.ownerUrl, name),
    appUrl: named(template.appUrl, name),
    superuser,
    drop: async () => {
      await superuser.end();
      await run(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
};
