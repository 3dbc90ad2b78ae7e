import type { Logger } from "pino";
import type { Config } from "../config.ts";
import type { RedisClients } from "../redis.ts";
import type { Kind, Present, PresenceStore } from "./presence-store.ts";

/**
 * The people on this node. A person's sockets are counted, and each node keeps its people in Redis under one lease
 * (`presence-store.ts`): a node that dies renews nothing, so they are gone when the lease is.
 */
export type Leases = {
  /** One socket more, `online`; resolves once the lease is written, or Redis could not be asked. */
  arrive: (tenantId: string, kind: Kind, id: string) => Promise<void>;
  /** One of their sockets went from one state to the other. */
  turn: (tenantId: string, kind: Kind, id: string, to: Present) => Promise<void>;
  /** One socket less, which was in that state; the last one leaves a grace in which a reload comes back unnoticed. */
  leave: (tenantId: string, kind: Kind, id: string, was: Present) => void;
  /** Who is on this node, grace included. */
  here: (tenantId: string, kind: Kind) => Iterable<[id: string, state: Present]>;
  /** Gives this node's leases back, with the grace: its clients are on their way to another node. */
  close: () => Promise<void>;
};

type Options = {
  config: Pick<Config, "PRESENCE_LEASE_MS" | "PRESENCE_GRACE_MS">;
  store: PresenceStore;
  redis: Pick<RedisClients, "app">;
  log: Logger;
  /** Somebody on this node came, went or turned: whoever watches should look. */
  onChange: (tenantId: string, kind: Kind) => void;
  /** After each round of renewals. */
  onBeat: () => void;
  now?: () => number;
};

/** Sockets of one person on this node by state; without any, `timer` runs out with the grace. */
type Person = { online: number; idle: number; state: Present; timer?: NodeJS.Timeout | undefined };
type People = Map<string, Person>;

/** A round of renewals is due that many times a lease. Lease + a round + a window of telling stay below 15 s. */
export const beatsPerLease = 4;

// What a thawed process waits before it speaks for its people: by then it has learned which sockets were closed meanwhile.
const thawMs = 1_000;

export const createLeases = (options: Options): Leases => {
  const { config, store, redis, log, onChange, onBeat, now = () => performance.now() } = options;
  const { PRESENCE_LEASE_MS: leaseMs, PRESENCE_GRACE_MS: graceMs } = config;
  const tenants: Record<Kind, Map<string, People>> = { agent: new Map(), contact: new Map() };
  /** Whose people must be written anew: a write was lost. */
  const dirty: Record<Kind, Set<string>> = { agent: new Set(), contact: new Set() };
  let beatAt = now();
  let thawedUntil = 0;
  let closed = false;

  /** Frozen for longer than the lease, or just thawed: what this process believes of its sockets is out of date. */
  const isStale = () => now() - beatAt > leaseMs || now() < thawedUntil;

  const writeAll = async (tenantId: string, kind: Kind): Promise<void> => {
    const people = tenants[kind].get(tenantId);
    dirty[kind].delete(tenantId);
    if (!people) return;
    // Whoever has no socket any more is gone with the lease that was lost.
    const there = [...people].filter(([, { online, idle }]) => online + idle > 0);
    await store.clear(tenantId, kind);
    await store.write(
      tenantId,
      kind,
      there.map(([id, { state }]): [string, Present] => [id, state]),
    );
  };

  const orLater = (tenantId: string, kind: Kind) => (error: unknown) => {
    // A Redis that is away loses nothing: the next round writes all of them.
    dirty[kind].add(tenantId);
    log.debug({ err: error }, "presence was not written");
  };

  const write = async (tenantId: string, kind: Kind, id: string, state: Present): Promise<void> => {
    if (isStale() || closed) return;
    try {
      const running = await store.write(tenantId, kind, [[id, state]]);
      if (!running && (tenants[kind].get(tenantId)?.size ?? 0) > 1) await writeAll(tenantId, kind);
    } catch (error) {
      orLater(tenantId, kind)(error);
    }
  };

  const settle = (tenantId: string, kind: Kind, id: string, person: Person): Promise<void> => {
    const state = person.online > 0 ? "online" : "idle";
    if (state === person.state) return Promise.resolve();
    person.state = state;
    return write(tenantId, kind, id, state).then(() => onChange(tenantId, kind));
  };

  const forget = (tenantId: string, kind: Kind, id: string): void => {
    const people = tenants[kind].get(tenantId);
    if (!people?.delete(id)) return;
    if (people.size === 0) tenants[kind].delete(tenantId);
    store
      .remove(tenantId, kind, id)
      .catch(orLater(tenantId, kind))
      .finally(() => onChange(tenantId, kind));
  };

  const renew = async (tenantId: string, kind: Kind, people: People): Promise<void> => {
    if (dirty[kind].has(tenantId)) return writeAll(tenantId, kind);
    const expected = people.size;
    if ((await store.renew(tenantId, kind)) !== expected) await writeAll(tenantId, kind);
  };

  const renewAll = (): Promise<unknown> =>
    Promise.all(
      (["agent", "contact"] as const).flatMap((kind) =>
        [...tenants[kind]].map(([tenantId, people]) => renew(tenantId, kind, people).catch(orLater(tenantId, kind))),
      ),
    );

  const beat = (): void => {
    const thawed = now() - beatAt > leaseMs;
    beatAt = now();
    // The closed sockets' events come first; then leases that ran out are written again for those who are left.
    if (thawed) thawedUntil = now() + thawMs;
    setTimeout(() => void renewAll().then(onBeat), thawed ? thawMs : 0).unref();
  };
  const timer = setInterval(beat, leaseMs / beatsPerLease);
  timer.unref();
  const back = () => void renewAll();
  redis.app.on("ready", back);

  return {
    arrive: async (tenantId, kind, id) => {
      const people = tenants[kind].get(tenantId) ?? new Map<string, Person>();
      tenants[kind].set(tenantId, people);
      const person = people.get(id);
      if (person) {
        clearTimeout(person.timer);
        person.timer = undefined;
        person.online += 1;
        return settle(tenantId, kind, id, person);
      }
      people.set(id, { online: 1, idle: 0, state: "online" });
      await write(tenantId, kind, id, "online");
      onChange(tenantId, kind);
    },
    turn: async (tenantId, kind, id, to) => {
      const person = tenants[kind].get(tenantId)?.get(id);
      if (!person) return;
      person.online += to === "online" ? 1 : -1;
      person.idle += to === "online" ? -1 : 1;
      await settle(tenantId, kind, id, person);
    },
    leave: (tenantId, kind, id, was) => {
      const person = tenants[kind].get(tenantId)?.get(id);
      if (!person) return;
      person[was] -= 1;
      // Who has gone altogether stays for the grace in the state they were last seen in.
      if (person.online + person.idle > 0) void settle(tenantId, kind, id, person);
      // Closed while the process was frozen: that was long ago.
      else if (isStale()) forget(tenantId, kind, id);
      else {
        person.timer = setTimeout(() => forget(tenantId, kind, id), graceMs);
        person.timer.unref();
      }
    },
    *here(tenantId, kind) {
      for (const [id, { state }] of tenants[kind].get(tenantId) ?? []) yield [id, state];
    },
    close: async () => {
      closed = true;
      clearInterval(timer);
      redis.app.off("ready", back);
      await Promise.all(
        (["agent", "contact"] as const).flatMap((kind) =>
          [...tenants[kind].keys()].map((tenantId) =>
            store.expire(tenantId, kind, graceMs).catch(orLater(tenantId, kind)),
          ),
        ),
      );
    },
  };
};
