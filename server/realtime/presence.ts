import type { Logger } from "pino";
import type { Config } from "../config.ts";
import type { RedisClients } from "../redis.ts";
import { createLeases, type Leases } from "./presence-leases.ts";
import { createPresenceNews, type Presence, type PresenceNews, type Watchers } from "./presence-news.ts";
import { createPresenceStore, type Kind, type Present, type PresenceStore, type Seen } from "./presence-store.ts";

export type { Presence } from "./presence-news.ts";
export type { Kind, Present } from "./presence-store.ts";

/** Who is present in the cluster, as far as anybody may ask. Never asked for inside a transaction: it waits for Redis. */
export type PresenceReader = {
  /** Agents online or idle; undefined when Redis can't say: routing then waits rather than guesses. */
  listPresent: (tenantId: string) => Promise<string[] | undefined>;
  /**
   * The agents who are present, or undefined when it is not certain who is missing: Redis is away, was a moment ago, or was
   * emptied less than a lease ago. For whatever takes something away from those who are gone.
   */
  listCertain: (tenantId: string) => Promise<ReadonlySet<string> | undefined>;
  /** Those of `ids` who are present; undefined when Redis can't say. */
  among: (tenantId: string, kind: Kind, ids: string[]) => Promise<ReadonlyMap<string, Present> | undefined>;
};

/** A node's part in presence: it leases its own people, knows the others and tells its sockets of them. */
export type PresenceBoard = PresenceReader & Omit<Leases, "here"> & Omit<PresenceNews, "stop">;

const reader = (read: Reads, leaseMs: number, failedAt: () => number): PresenceReader => ({
  listPresent: async (tenantId) => {
    const seen = await read.list(tenantId);
    return seen && [...seen.present.keys()];
  },
  listCertain: async (tenantId) => {
    const seen = await read.list(tenantId);
    // After an outage leases have run out that nobody could renew.
    return seen?.certain && performance.now() - failedAt() > leaseMs ? new Set(seen.present.keys()) : undefined;
  },
  among: async (tenantId, kind, ids) => (await read.among(tenantId, kind, ids))?.present,
});

type Reads = {
  list: (tenantId: string) => Promise<Seen | undefined>;
  among: (tenantId: string, kind: Kind, ids: string[]) => Promise<Seen | undefined>;
};

/** The store's reads, for which a Redis that is away is an answer too. */
const forgiving = (store: PresenceStore): Reads & { failedAt: () => number } => {
  let failedAt = -Infinity;
  const attempt = async (asked: Promise<Seen>): Promise<Seen | undefined> => {
    try {
      return await asked;
    } catch {
      failedAt = performance.now();
      return undefined;
    }
  };
  return {
    list: (tenantId) => attempt(store.list(tenantId, "agent")),
    among: (tenantId, kind, ids) => attempt(store.among(tenantId, kind, ids)),
    failedAt: () => failedAt,
  };
};

type Options = Pick<
  Parameters<typeof createPresenceNews>[0],
  "contactsOf" | "followersOf" | "hasMembers" | "emit" | "onLook"
> & {
  config: Pick<Config, "PRESENCE_LEASE_MS" | "PRESENCE_GRACE_MS">;
  redis: RedisClients;
  log: Logger;
  watchersOf: (tenantId: string, changed: ReadonlyMap<string, Presence>) => Promise<Watchers[]>;
  /** Somebody on this node came, went or turned: other nodes should look. */
  hint: (tenantId: string) => void;
};

const hintMs = 250;

/** Puts a node's presence together. */
export const createPresence = (options: Options): PresenceBoard => {
  const { config, redis, log, hint } = options;
  // New with every start: what an earlier process of the same name held is not this one's.
  const store = createPresenceStore(redis, config, crypto.randomUUID().slice(0, 13));
  const reads = forgiving(store);
  const hinted = new Map<string, NodeJS.Timeout>();
  let leases: Leases;
  const news = createPresenceNews({ ...options, ...reads, here: (tenantId, kind) => leases.here(tenantId, kind) });
  leases = createLeases({
    config,
    store,
    redis,
    log,
    onChange: (tenantId) => {
      news.look(tenantId);
      // A morning's logins are hinted at four times a second, not one by one.
      if (hinted.has(tenantId)) return;
      const timer = setTimeout(() => {
        hinted.delete(tenantId);
        hint(tenantId);
      }, hintMs);
      hinted.set(tenantId, timer.unref());
    },
    onBeat: news.lookAll,
  });
  return {
    ...reader(reads, config.PRESENCE_LEASE_MS, reads.failedAt),
    ...leases,
    ...news,
    close: async () => {
      news.stop();
      for (const timer of hinted.values()) clearTimeout(timer);
      await leases.close();
    },
  };
};

/** Presence as a process without sockets knows it: it asks, and has nobody to lease or to tell. */
export const createPresenceReader = (redis: RedisClients, config: Pick<Config, "PRESENCE_LEASE_MS">): PresenceBoard => {
  const reads = forgiving(createPresenceStore(redis, config, "worker"));
  const nothing = () => {};
  const done = () => Promise.resolve();
  return {
    ...reader(reads, config.PRESENCE_LEASE_MS, reads.failedAt),
    arrive: done,
    turn: done,
    leave: nothing,
    close: done,
    watch: nothing,
    unwatch: nothing,
    snapshot: () => Promise.resolve(new Map()),
    contact: () => undefined,
    look: nothing,
    lookAll: nothing,
    follow: nothing,
    unfollow: nothing,
  };
};
