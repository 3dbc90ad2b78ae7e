import type { Logger } from "pino";
import type { Config } from "../config.ts";
import type { RedisClients } from "../redis.ts";

/**
 * Who is present, as leases in Redis: one sorted set per tenant, members `agent:node`, scored by when they run out. Each
 * node renews its own agents'; a node that died renews nothing, so its agents are gone when the lease is. Nobody asks the
 * cluster. All times are Redis' own, so nodes' clocks don't matter.
 */
export type PresenceBoard = {
  /** One socket more; resolves once the lease is written, or Redis could not be asked. */
  arrive: (tenantId: string, agentId: string) => Promise<void>;
  /** One socket less; the last one leaves a grace in which a reload comes back unnoticed. */
  leave: (tenantId: string, agentId: string) => void;
  /** Agents present anywhere in the cluster. Empty when Redis can't say: routing then waits rather than guesses. */
  listPresent: (tenantId: string) => Promise<string[]>;
  /** Asks again, and tells what changed. */
  lookUp: (tenantId: string) => Promise<void>;
  /** Gives all leases of this node back, with the grace: its clients are on their way to another node. */
  close: () => Promise<void>;
};

type Options = {
  config: Config;
  redis: RedisClients;
  log: Logger;
  /** Whether anybody on this node watches the tenant. */
  isWatched: (tenantId: string) => boolean;
  /** Somebody came or went, seen from this node. */
  onChange: (tenantId: string, agentId: string, present: boolean) => void;
  /** An agent of this node arrived or left: other nodes should look. */
  hint: (tenantId: string) => void;
};

const key = (tenantId: string) => `parley:presence:${tenantId}`;

const renew = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1] * 10)
return 1`;
const list = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
return redis.call('ZRANGE', KEYS[1], 0, -1)`;

/** Whose lease runs, or undefined when Redis can't say. */
export const readPresence = async (redis: RedisClients, tenantId: string): Promise<Set<string> | undefined> => {
  try {
    const members = (await redis.app.eval(list, 1, key(tenantId))) as string[];
    return new Set(members.map((member) => member.slice(0, member.indexOf(":"))));
  } catch {
    return undefined;
  }
};

export const createPresenceBoard = ({ config, redis, log, isWatched, onChange, hint }: Options): PresenceBoard => {
  /** Sockets of each agent on this node, per tenant. */
  const here = new Map<string, Map<string, number>>();
  /** Whom this node last saw, per tenant. */
  const seen = new Map<string, Set<string>>();
  const hinted = new Map<string, NodeJS.Timeout>();

  const write = async (tenantId: string, agentIds: string[], leaseMs: number): Promise<void> => {
    if (agentIds.length === 0) return;
    const members = agentIds.map((id) => `${id}:${config.NODE_NAME}`);
    // A Redis that is away loses nothing: the next renewal writes the same.
    await redis.app
      .eval(renew, 1, key(tenantId), leaseMs, ...members)
      .catch((error: unknown) => log.debug({ err: error }, "a presence lease was not written"));
  };

  const hintSoon = (tenantId: string): void => {
    // A morning's logins are told once per quarter of a second, not one by one.
    if (hinted.has(tenantId)) return;
    hinted.set(
      tenantId,
      setTimeout(() => {
        hinted.delete(tenantId);
        hint(tenantId);
      }, 250),
    );
  };

  const lookUp: PresenceBoard["lookUp"] = async (tenantId) => {
    if (!isWatched(tenantId)) {
      seen.delete(tenantId);
      return;
    }
    const present = await readPresence(redis, tenantId);
    if (!present) return;
    const before = seen.get(tenantId);
    seen.set(tenantId, present);
    for (const id of present) if (!before?.has(id)) onChange(tenantId, id, true);
    if (before) for (const id of before) if (!present.has(id)) onChange(tenantId, id, false);
  };

  const timer = setInterval(() => {
    for (const [tenantId, agents] of here) {
      void write(tenantId, [...agents.keys()], config.PRESENCE_LEASE_MS).then(() => lookUp(tenantId));
    }
  }, config.PRESENCE_LEASE_MS / 3);
  timer.unref();

  return {
    arrive: async (tenantId, agentId) => {
      const agents = here.get(tenantId) ?? new Map<string, number>();
      here.set(tenantId, agents);
      agents.set(agentId, (agents.get(agentId) ?? 0) + 1);
      await write(tenantId, [agentId], config.PRESENCE_LEASE_MS);
      hintSoon(tenantId);
    },
    leave: (tenantId, agentId) => {
      const agents = here.get(tenantId);
      const left = (agents?.get(agentId) ?? 1) - 1;
      if (left > 0) {
        agents?.set(agentId, left);
        return;
      }
      agents?.delete(agentId);
      if (agents?.size === 0) here.delete(tenantId);
      void write(tenantId, [agentId], Math.max(1, config.PRESENCE_GRACE_MS));
      setTimeout(() => hintSoon(tenantId), config.PRESENCE_GRACE_MS + 50).unref();
    },
    listPresent: async (tenantId) => [...((await readPresence(redis, tenantId)) ?? [])],
    lookUp,
    close: async () => {
      clearInterval(timer);
      for (const pending of hinted.values()) clearTimeout(pending);
      await Promise.all(
        [...here].map(([tenantId, agents]) =>
          write(tenantId, [...agents.keys()], Math.max(1, config.PRESENCE_GRACE_MS)),
        ),
      );
    },
  };
};
