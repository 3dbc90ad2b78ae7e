import type { Config } from "../config.ts";
import type { RedisClients } from "../redis.ts";

export type Kind = "agent" | "contact";
export type Present = "online" | "idle";

/** Who of a tenant is present. `certain` is false for one lease after Redis was emptied: who is missing may be there. */
export type Seen = { certain: boolean; present: Map<string, Present> };

/**
 * Presence in Redis. Each node keeps one hash per tenant and kind, person → state, whose time to live is the lease of all who
 * are in it: a node renews one key, however many people it holds, and what a dead or frozen node held is gone when its
 * lease is. A second hash names the nodes of a tenant, so nobody asks the cluster. All clocks are Redis' own.
 */
export type PresenceStore = {
  /** Writes some people of this node. Says whether the lease was still running; if not, the others must be written again. */
  write: (tenantId: string, kind: Kind, people: [id: string, state: Present][]) => Promise<boolean>;
  remove: (tenantId: string, kind: Kind, id: string) => Promise<void>;
  /** Forgets everybody on this node. */
  clear: (tenantId: string, kind: Kind) => Promise<void>;
  /** Renews the lease; answers how many people it holds: 0 when it ran out or Redis was emptied. */
  renew: (tenantId: string, kind: Kind) => Promise<number>;
  /** Lets this node's lease run out after `ms`. */
  expire: (tenantId: string, kind: Kind, ms: number) => Promise<void>;
  list: (tenantId: string, kind: Kind) => Promise<Seen>;
  /** Those of `ids` who are present. */
  among: (tenantId: string, kind: Kind, ids: string[]) => Promise<Seen>;
};

const key = (tenantId: string, kind: Kind) => `parley:presence:{${tenantId}}:${kind}`;

/** Since when this Redis remembers. Whoever looks and finds nothing writes it, so an emptied Redis gives itself away. */
const sinceKey = "parley:presence:since";
const age = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[1], now, 'NX')
return now - redis.call('GET', KEYS[1])`;

// KEYS[1] names the nodes; `:<node>` behind it is what that node holds. The hash tag keeps both in one slot.
const write = `
local held = KEYS[1] .. ':' .. ARGV[1]
local running = redis.call('EXISTS', held)
redis.call('HSET', KEYS[1], ARGV[1], 1)
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 10)
redis.call('HSET', held, unpack(ARGV, 3))
redis.call('PEXPIRE', held, ARGV[2])
return running`;

const renew = `
if redis.call('PEXPIRE', KEYS[1] .. ':' .. ARGV[1], ARGV[2]) == 0 or redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 10)
return redis.call('HLEN', KEYS[1] .. ':' .. ARGV[1])`;

// Answers id and state of each, an id once per node.
const read = (fetch: string) => `
local found = {}
for _, node in ipairs(redis.call('HKEYS', KEYS[1])) do
  local held = KEYS[1] .. ':' .. node
  ${fetch}
end
return found`;

const list = read(`
    local people = redis.call('HGETALL', held)
    if #people == 0 then redis.call('HDEL', KEYS[1], node) end
    for i = 1, #people do found[#found + 1] = people[i] end`);

const among = read(`
    local states = redis.call('HMGET', held, unpack(ARGV))
    for i = 1, #ARGV do
      if states[i] then found[#found + 1] = ARGV[i]; found[#found + 1] = states[i] end
    end`);

// What Lua takes as arguments of one call.
const mostAtOnce = 1_000;

/** `node` must be new with every start: what an earlier process of the same name held is not this one's. */
export const createPresenceStore = (
  { app }: Pick<RedisClients, "app">,
  { PRESENCE_LEASE_MS: leaseMs }: Pick<Config, "PRESENCE_LEASE_MS">,
  node: string,
): PresenceStore => {
  const gather = async (asked: Promise<unknown>[]): Promise<Seen> => {
    // The age is asked last: what was emptied in between is found out.
    const answers = await Promise.all([...asked, app.eval(age, 1, sinceKey)]);
    const rememberedForMs = answers.pop() as number;
    const present = new Map<string, Present>();
    for (const pairs of answers as string[][])
      for (let i = 0; i < pairs.length; i += 2) {
        const [id, state] = [pairs[i] as string, pairs[i + 1] as Present];
        // Idle is only who is idle everywhere.
        if (state === "online" || !present.has(id)) present.set(id, state);
      }
    return { certain: rememberedForMs >= leaseMs, present };
  };
  return {
    write: async (tenantId, kind, people) => {
      let running = true;
      for (let at = 0; at < people.length; at += mostAtOnce) {
        const some = people.slice(at, at + mostAtOnce).flat();
        const was = await app.eval(write, 1, key(tenantId, kind), node, leaseMs, ...some);
        if (at === 0) running = was === 1;
      }
      return running;
    },
    remove: async (tenantId, kind, id) => {
      await app.hdel(`${key(tenantId, kind)}:${node}`, id);
    },
    clear: async (tenantId, kind) => {
      await app.del(`${key(tenantId, kind)}:${node}`);
    },
    renew: async (tenantId, kind) => (await app.eval(renew, 1, key(tenantId, kind), node, leaseMs)) as number,
    expire: async (tenantId, kind, ms) => {
      await app.pexpire(`${key(tenantId, kind)}:${node}`, Math.max(1, ms));
    },
    list: (tenantId, kind) => gather([app.eval(list, 1, key(tenantId, kind))]),
    among: (tenantId, kind, ids) =>
      gather(
        Array.from({ length: Math.ceil(ids.length / mostAtOnce) }, (_, n) =>
          app.eval(among, 1, key(tenantId, kind), ...ids.slice(n * mostAtOnce, (n + 1) * mostAtOnce)),
        ),
      ),
  };
};
