import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrate } from "../../db/migrate.ts";
import { tail } from "../../server/launch/daemon.ts";
import { type EmbeddedPostgres, startPostgres } from "../../server/launch/postgres.ts";
import { type EmbeddedRedis, startRedis } from "../../server/launch/redis.ts";
import { removeAfterwards } from "../../server/launch/watchdog.ts";
import { createTokens } from "../../server/tokens.ts";

/** A company of the bench's own: an inbox to come in by and agents who are signed in. */
export type Company = { inboxKey: string; origin: string; accessTokens: string[] };

/** Postgres and Redis that keep what they are told, in a folder that is gone afterwards. */
export type Stage = {
  postgres: EmbeddedPostgres;
  redis: EmbeddedRedis;
  logs: string;
  /** A Redis beside the first: nodes on it do not hear those on the other. */
  anotherRedis: () => Promise<EmbeddedRedis>;
  /** What a node needs beside PORT and NODE_NAME. */
  nodeEnv: (redis: EmbeddedRedis) => Record<string, string>;
  foundCompany: (agents: number) => Promise<Company>;
  /** An empty database with the table that `bare.ts` inserts into. */
  messagesUrl: () => Promise<string>;
  close: () => Promise<void>;
};

const secret = randomBytes(32).toString("hex");
const tokens = createTokens({ AUTH_SECRETS: [secret], ACCESS_TOKEN_SECONDS: 3_600 });

const query = async (url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> => {
  const client = new pg.Client({ connectionString: url, application_name: "parley-bench" });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
};

/** Writes a company straight into the tables, as the superuser. Conversations wait until an agent takes them. */
const writeCompany = async (client: pg.Client, agents: number): Promise<Company> => {
  const [tenant, department, inbox] = [randomUUID(), randomUUID(), randomUUID()];
  const inboxKey = `bench-${tenant}`;
  const origin = "https://shop.bench.test";
  await client.query("INSERT INTO tenants (id, slug, name, plan) VALUES ($1, $2, 'Bench', 'enterprise')", [
    tenant,
    tenant,
  ]);
  await client.query("INSERT INTO roles (tenant_id, key, name, built_in) VALUES ($1, 'agent', 'Agent', true)", [
    tenant,
  ]);
  await client.query("INSERT INTO departments (tenant_id, id, name, strategy) VALUES ($1, $2, 'Support', 'manual')", [
    tenant,
    department,
  ]);
  await client.query(
    "INSERT INTO inboxes (tenant_id, id, key, name, allowed_origins, department_id) VALUES ($1, $2, $3, 'Shop', $4, $5)",
    [tenant, inbox, inboxKey, [origin], department],
  );
  await client.query("INSERT INTO inbox_keys (key, tenant_id, inbox_id) VALUES ($1, $2, $3)", [
    inboxKey,
    tenant,
    inbox,
  ]);
  const accessTokens: string[] = [];
  for (let i = 0; i < agents; i++) {
    const [user, session] = [randomUUID(), randomUUID()];
    await client.query("INSERT INTO users (id, email, name) VALUES ($1, $2, $3)", [
      user,
      `${user}@bench.test`,
      `Agent ${i}`,
    ]);
    await client.query("INSERT INTO memberships (tenant_id, user_id, role, capacity) VALUES ($1, $2, 'agent', 10000)", [
      tenant,
      user,
    ]);
    await client.query("INSERT INTO department_members (tenant_id, department_id, user_id) VALUES ($1, $2, $3)", [
      tenant,
      department,
      user,
    ]);
    await client.query(
      "INSERT INTO sessions (tenant_id, id, user_id, refresh_hash, expires_at) VALUES ($1, $2, $3, $4, now() + interval '1 day')",
      [tenant, session, user, randomBytes(32).toString("hex")],
    );
    accessTokens.push(tokens.signAccess({ sub: user, tid: tenant, sid: session }).token);
  }
  return { inboxKey, origin, accessTokens };
};

/** Starts the services and migrates. They end with this process, however that ends, and their folder with them. */
const setStage = async (say: (line: string) => void): Promise<Stage> => {
  const dir = mkdtempSync(join(tmpdir(), "parley-bench-"));
  const logs = join(dir, "logs");
  mkdirSync(logs);
  removeAfterwards(dir);
  const redises: EmbeddedRedis[] = [];
  const anotherRedis = async () => {
    const redis = await startRedis({ dir: join(dir, `redis-${redises.length}`), durable: true, say });
    redises.push(redis);
    return redis;
  };
  const [postgres, redis] = await Promise.all([
    startPostgres({ dir: join(dir, "postgres"), durable: true, say }),
    anotherRedis(),
  ]);
  await migrate(postgres.ownerUrl);
  return {
    postgres,
    redis,
    logs,
    anotherRedis,
    nodeEnv: ({ url }) => ({
      DATABASE_URL: postgres.ownerUrl,
      DATABASE_APP_URL: postgres.appUrl,
      REDIS_URL: url,
      AUTH_SECRETS: secret,
      RATE_LIMIT_FACTOR: "1000000",
      DRAIN_SECONDS: "0",
      NODE_ENV: "production",
    }),
    foundCompany: async (agents) => {
      let company: Company | undefined;
      await query(postgres.ownerUrl, async (client) => {
        company = await writeCompany(client, agents);
      });
      return company!;
    },
    messagesUrl: async () => {
      await query(postgres.ownerUrl, (client) => client.query("CREATE DATABASE messages"));
      const url = postgres.urlFor("postgres", "messages");
      await query(url, (client) =>
        client.query(
          `CREATE TABLE messages (conversation_id uuid, seq integer, id uuid NOT NULL, author_id uuid NOT NULL, client_id text NOT NULL,
             body text NOT NULL, created_at timestamptz NOT NULL, PRIMARY KEY (conversation_id, seq))`,
        ),
      );
      return url;
    },
    close: async () => {
      await Promise.all([postgres, ...redises].map((service) => service.stop()));
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

/**
 * Does `work` on a stage and ends the process: 0, or 1 with what went wrong and the last words of whom it went wrong with.
 * Ctrl-C clears up as well.
 */
export const perform = async (say: (line: string) => void, work: (stage: Stage) => Promise<void>): Promise<never> => {
  const stage = await setStage(say);
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => void stage.close().finally(() => process.exit(130)));
  let code = 0;
  try {
    await work(stage);
  } catch (error) {
    code = 1;
    console.error(`It failed: ${(error as Error).message}`);
    for (const log of readdirSync(stage.logs)) {
      const words = tail(join(stage.logs, log), 1_000);
      if (words !== "") console.error(`--- the end of ${log} ---\n${words}`);
    }
  }
  await stage.close();
  return process.exit(code);
};
