import type pg from "pg";
import { type ConnectOptions, createPool, databaseErrorCode, type Db, withSchema } from "./client.ts";
import { createTurnstile, type Turnstile } from "./turnstile.ts";

/** One Postgres database that holds tenants. */
export type Database = {
  pool: pg.Pool;
  /** Where transactions wait for one of the pool's connections. */
  turnstile: Turnstile;
  /** Runs one prepared statement outside any transaction; the statement must set its own tenants. */
  call: <Row extends pg.QueryResultRow>(name: string, text: string, values: unknown[]) => Promise<Row[]>;
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
  close: () => Promise<void>;
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/** `{a,b}`, fit to stand in a statement. Throws TypeError for anything that is no uuid. */
const tenantList = (tenantIds: string[]): string => {
  for (const id of tenantIds) if (!uuid.test(id)) throw new TypeError("a tenant id must be a uuid");
  return `{${tenantIds.join(",")}}`;
};

// As long as a pool would have a request wait.
const turnstileWaitMs = 5_000;
// Of a node's connections: as many as tenants are routed for at once.
const keptShare = 0.3;
// Two append lanes, receipts, and one for syncs and healing.
const callConnections = 4;
const deadlock = "40P01";
const serialization = "40001";

const transact = async <T>(database: Database, tenantIds: string[], work: (db: Db) => Promise<T>): Promise<T> => {
  const client = await database.pool.connect();
  // A connection that could not even roll back would carry its transaction into the next one's work.
  let broken = false;
  try {
    // One round trip opens the transaction and the door; the setting is local and ends with it.
    await client.query(`BEGIN; SELECT set_config('app.tenant_ids', '${tenantList(tenantIds)}', true)`);
    const result = await work(withSchema(client));
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {
      broken = true;
    });
    throw error;
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

/** Opens the tenants' databases. */
export const createTenancy = (options: ConnectOptions): Tenancy => {
  const pool = createPool(options);
  // Single statements have connections of their own: a message never waits behind somebody's long transaction.
  const calls = createPool({ ...options, poolSize: callConnections });
  const shared: Database = {
    pool,
    turnstile: createTurnstile(options.poolSize, Math.ceil(options.poolSize * keptShare), turnstileWaitMs),
    call: async (name, text, values) => (await calls.query({ name, text, values })).rows as never,
  };
  const tenantDb = () => shared;
  const withTenants: Tenancy["withTenants"] = async (database, tenantIds, work, urgent = false) => {
    const line = `${tenantIds.length === 1 ? tenantIds[0]! : "several"}${urgent ? " urgent" : ""}`;
    for (let attempt = 1; ; attempt++) {
      const leave = await database.turnstile.enter(line, urgent);
      try {
        return await transact(database, tenantIds, work);
      } catch (error) {
        const code = databaseErrorCode(error);
        // The loser of a deadlock has changed nothing: it simply goes again.
        if (attempt >= 3 || (code !== deadlock && code !== serialization)) throw error;
      } finally {
        leave();
      }
    }
  };
  return {
    tenantDb,
    databases: () => [shared],
    withTenant: (tenantId, work, urgent) => withTenants(tenantDb(), [tenantId], work, urgent),
    withTenants,
    close: async () => {
      await Promise.all([pool.end(), calls.end()]);
    },
  };
};
