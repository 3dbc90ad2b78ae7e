import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import * as schema from "./schema/index.ts";

export { schema };
export type Db = NodePgDatabase<typeof schema>;

/** How the application connects: by its own login, or by the owner's, stepping down at once. */
export type ConnectOptions = {
  ownerUrl: string;
  appUrl?: string | undefined;
  poolSize: number;
  name: string;
  onError: (error: Error) => void;
};

/** Whatever holds locks without doing anything, such as a node that froze, is ended after this. Nothing of ours idles in a transaction. */
const longestIdleMs = 1_800;
/** Longer than a holder that froze is left with its locks, and not much: who waits for a lock occupies a connection. */
const longestLockWaitMs = 2_500;
/** A peer that takes nothing of an answer for so long is gone or frozen. By the kernel, since a server that writes hears no clock. */
const longestUnreadMs = 2_000;

/** The first that went wrong with a connection while nothing was asked: why Postgres ended it, where it said so. */
const endings = new WeakMap<pg.PoolClient, unknown>();
export const endingOf = (client: pg.PoolClient): unknown => endings.get(client);

// Everything is read by key, a row of one table leading to those of the next. The planner would read a small table as a whole,
// and go on so with the plan it has kept once the table is large; or gather all that a list could be of, and sort it.
const keyedAccess = ["enable_seqscan=off", "enable_hashjoin=off", "enable_mergejoin=off", "enable_bitmapscan=off"];

/** A pool whose every connection is `parley_app`, with the time-outs that keep one stuck statement from stopping the rest. */
export const createPool = ({ ownerUrl, appUrl, poolSize, name, onError }: ConnectOptions): pg.Pool => {
  const pool = new pg.Pool({
    connectionString: appUrl ?? ownerUrl,
    max: poolSize,
    application_name: name.slice(0, 63),
    connectionTimeoutMillis: 5_000,
    statement_timeout: 10_000,
    lock_timeout: longestLockWaitMs,
    idle_in_transaction_session_timeout: longestIdleMs,
    // A half-open connection must not hang a client for ever.
    query_timeout: 15_000,
    keepAlive: true,
    // `role` in the start-up packet is also what RESET ROLE returns to.
    options: [`tcp_user_timeout=${longestUnreadMs}`, ...keyedAccess, ...(appUrl ? [] : ["role=parley_app"])]
      .map((setting) => `-c ${setting}`)
      .join(" "),
  });
  // Without a listener an idle connection's error ends the process.
  pool.on("error", onError);
  // Nor may a lent one: the pool stops listening as it hands a client over, and the farewell of a server that goes down can
  // stand in the very chunk that says the connection is ready.
  pool.on("connect", (client) => client.on("error", (error) => endings.has(client) || endings.set(client, error)));
  return pool;
};

const wrapped = new WeakMap<pg.PoolClient, Db>();

/**
 * Drizzle's face of a connection; made once for each, since making it walks the whole schema, which
 * was a tenth of what an action cost its node.
 */
export const withSchema = (client: pg.PoolClient): Db => {
  let db = wrapped.get(client);
  if (!db) wrapped.set(client, (db = drizzle(client, { schema })));
  return db;
};

/** Postgres' own error code, wherever drizzle and pg have wrapped it. */
export const databaseErrorCode = (error: unknown): string | undefined => {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string") return code;
  }
  return undefined;
};

// Connection lost, server shutting down or starting, read-only after a failover, too many connections, out of disk,
// cancelled or ended by a time-out: the same request may succeed in a moment.
const passing = /^(08|53|57|25006|25P03|55P03|40001|40P01|ECONN|ENOENT|EPIPE|ETIMEDOUT)/u;

/** Whether the database was away or busy, rather than the statement wrong. */
export const isPassing = (error: unknown): boolean => {
  const code = databaseErrorCode(error);
  if (code !== undefined) return passing.test(code);
  return (
    error instanceof Error &&
    /Connection terminated|timeout exceeded|Query read timeout|Client has encountered|not queryable|Cannot use a pool/iu.test(
      `${error.message} ${error.cause instanceof Error ? error.cause.message : ""}`,
    )
  );
};
