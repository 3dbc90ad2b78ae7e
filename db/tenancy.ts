import type pg from "pg";
import { type ConnectOptions, createPool, databaseErrorCode, type Db, endingOf, withSchema } from "./client.ts";
import { createTurnstile, type Turnstile } from "./turnstile.ts";

/** Connections, and where transactions wait for one of them. */
type Entrance = { pool: pg.Pool; turnstile: Turnstile };

/** What a single statement is for. Each purpose has connections of its own, so that none ever waits for another. */
export type Purpose = "append" | "receipts" | "directory" | "upkeep";

/** Whose reading it is: a workspace's visitors must not keep its agents from reading. */
export type ReaderKind = "contact" | "agent";

/** One Postgres database that holds tenants. */
export type Database = Entrance & {
  /** Connections on which everybody's reading is done, and nothing else. */
  reads: Entrance;
  /** Runs one prepared statement outside any transaction; the statement must set its own tenants. */
  call: <Row extends pg.QueryResultRow>(
    purpose: Purpose,
    name: string,
    text: string,
    values: unknown[],
  ) => Promise<Row[]>;
};

/**
 * The only door to tenants' rows. Outside `withTenants` row-level security shows the application nothing at all; inside,
 * it shows the named tenants and no others, until the transaction ends.
 */
export type Tenancy = {
  /** The database a tenant lives in. All in one today; a tenant moves to a database of its own by changing this function alone. */
  tenantDb: (tenantId: string) => Database;
  /** Every database, for work across tenants such as healing and sweeping. */
  databases: () => Database[];
  /**
   * One transaction of one tenant. Where connections run out, tenants are served in turn; what is `urgent` stands in a line of
   * its own, for which some are kept: routing must not wait behind all that a tenant's people ask for.
   */
  withTenant: <T>(tenantId: string, work: (db: Db) => Promise<T>, urgent?: boolean) => Promise<T>;
  withTenants: <T>(
    database: Database,
    tenantIds: string[],
    work: (db: Db) => Promise<T>,
    urgent?: boolean,
  ) => Promise<T>;
  /**
   * One transaction of one tenant that changes nothing. How much there is to read is chosen by whoever asks, so reading has
   * connections of its own, of which no tenant's visitors or agents can take all.
   */
  readTenant: <T>(tenantId: string, reader: ReaderKind, work: (db: Db) => Promise<T>) => Promise<T>;
  /** The same as one prepared statement, without the round trips of a transaction; it must set its own tenant. */
  readCall: <Row extends pg.QueryResultRow>(
    tenantId: string,
    reader: ReaderKind,
    query: { name: string; text: string; values: unknown[] },
  ) => Promise<Row[]>;
  /** Ends the connections once what is under way is done: whoever told a change in the background asks nothing of them later. */
  close: () => Promise<void>;
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/** `{a,b}`, fit to stand in a statement. Throws TypeError for anything that is no uuid. */
const tenantList = (tenantIds: string[]): string => {
  for (const id of tenantIds) if (!uuid.test(id)) throw new TypeError("a tenant id must be a uuid");
  return `{${tenantIds.join(",")}}`;
};

// Clients wait ten seconds for an answer.
const turnstileWaitMs = 8_000;
// As long as a statement may take.
const closingMs = 10_000;
// Of a node's connections: as many as tenants are routed for at once.
const keptShare = 0.3;
// For reading, beside these.
const readShare = 0.4;
// Batches of messages are committed one at a time; a second connection takes over from one that is being replaced. The
// directory is asked at logins and handshakes; upkeep is healing and the question whether the database answers.
const callConnections: Record<Purpose, number> = { append: 2, receipts: 1, directory: 2, upkeep: 1 };
// Deadlock, serialization failure, and idle for so long that Postgres ended the transaction: this process was busy or frozen.
const undone = new Set(["40P01", "40001", "25P03"]);
const isUndone = (error: unknown): boolean => undone.has(databaseErrorCode(error) ?? "");

/** What has certainly changed nothing simply goes again. */
const unlessUndone = async <T>(run: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt >= 3 || !isUndone(error)) throw error;
    }
  }
};

const transact = async <T>(
  pool: pg.Pool,
  mode: "READ WRITE" | "READ ONLY",
  tenantIds: string[],
  work: (db: Db) => Promise<T>,
): Promise<T> => {
  const client = await pool.connect();
  // A connection that could not even roll back would carry its transaction into the next one's work.
  let broken = false;
  try {
    // One round trip opens the transaction and the door; the setting is local and ends with it.
    await client.query(`BEGIN ${mode}; SELECT set_config('app.tenant_ids', '${tenantList(tenantIds)}', true)`);
    const result = await work(withSchema(client));
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {
      broken = true;
    });
    // A connection that was ended while nothing was asked says why only there.
    const ending = broken ? endingOf(client) : undefined;
    throw isUndone(ending) ? ending : error;
  } finally {
    client.release(broken);
  }
};

/** The places in `rows` that belong to each database, so that a batch goes to each in one call. */
export const placesByDatabase = (tenancy: Tenancy, rows: { tenantId: string }[]): Map<Database, number[]> => {
  const places = new Map<Database, number[]>();
  rows.forEach(({ tenantId }, place) => {
    const database = tenancy.tenantDb(tenantId);
    const there = places.get(database);
    if (there) there.push(place);
    else places.set(database, [place]);
  });
  return places;
};

/** A pool with its turnstile. However many a single tenant's requests are, one place is left for another's. */
const openEntrance = (options: ConnectOptions, kept: number): Entrance => ({
  pool: createPool(options),
  turnstile: createTurnstile({
    places: options.poolSize,
    kept,
    mostPerLine: Math.max(1, options.poolSize - kept - 1),
    patienceMs: turnstileWaitMs,
  }),
});

/** Opens the tenants' databases. */
export const createTenancy = (options: ConnectOptions): Tenancy => {
  const { poolSize } = options;
  const callPool = (purpose: Purpose) => createPool({ ...options, poolSize: callConnections[purpose] });
  const calls: Record<Purpose, pg.Pool> = {
    append: callPool("append"),
    receipts: callPool("receipts"),
    directory: callPool("directory"),
    upkeep: callPool("upkeep"),
  };
  let underWay = 0;
  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    underWay += 1;
    try {
      return await work();
    } finally {
      underWay -= 1;
    }
  };
  /** Waits until nothing is under way, nor anything that it led to. */
  const settled = async (): Promise<void> => {
    const latest = performance.now() + closingMs;
    for (let quiet = 0; quiet < 3 && performance.now() < latest; quiet = underWay === 0 ? quiet + 1 : 0)
      await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const shared: Database = {
    ...openEntrance(options, Math.ceil(poolSize * keptShare)),
    reads: openEntrance({ ...options, poolSize: Math.max(2, Math.ceil(poolSize * readShare)) }, 0),
    call: (purpose, name, text, values) =>
      counted(async () => (await calls[purpose].query({ name, text, values })).rows as never),
  };
  const tenantDb = () => shared;
  const withTenants: Tenancy["withTenants"] = async (database, tenantIds, work, urgent = false) => {
    const line = `${tenantIds.length === 1 ? tenantIds[0]! : "several"}${urgent ? " urgent" : ""}`;
    return counted(() =>
      unlessUndone(async () => {
        const leave = await database.turnstile.enter(line, urgent);
        try {
          return await transact(database.pool, "READ WRITE", tenantIds, work);
        } finally {
          leave();
        }
      }),
    );
  };
  const read = <T>(tenantId: string, reader: ReaderKind, work: (pool: pg.Pool) => Promise<T>): Promise<T> =>
    counted(async () => {
      const { pool, turnstile } = tenantDb().reads;
      const leave = await turnstile.enter(`${tenantId} ${reader}`);
      try {
        return await work(pool);
      } finally {
        leave();
      }
    });
  return {
    tenantDb,
    databases: () => [shared],
    withTenant: (tenantId, work, urgent) => withTenants(tenantDb(), [tenantId], work, urgent),
    withTenants,
    readTenant: (tenantId, reader, work) =>
      unlessUndone(() => read(tenantId, reader, (pool) => transact(pool, "READ ONLY", [tenantId], work))),
    readCall: (tenantId, reader, query) =>
      read(tenantId, reader, async (pool) => (await pool.query(query)).rows as never),
    close: async () => {
      await settled();
      await Promise.all([shared.pool, shared.reads.pool, ...Object.values(calls)].map((pool) => pool.end()));
    },
  };
};
