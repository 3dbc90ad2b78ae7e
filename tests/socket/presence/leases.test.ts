import pino from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { settings } from "../../../server/config.ts";
import { beatsPerLease, createLeases } from "../../../server/realtime/presence-leases.ts";
import type { PresenceStore, Present } from "../../../server/realtime/presence-store.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const leaseMs = 10_000;
const graceMs = 6_000;

/** One node's leases over a Redis in memory, with clocks of the test's own. */
const withLeases = () => {
  let now = 0;
  const held = new Map<string, Present>();
  const store: PresenceStore = {
    write: (_t, _k, people) => {
      const running = held.size > 0;
      for (const [id, state] of people) held.set(id, state);
      return Promise.resolve(running);
    },
    remove: (_t, _k, id) => Promise.resolve(void held.delete(id)),
    clear: () => Promise.resolve(held.clear()),
    renew: () => Promise.resolve(held.size),
    expire: () => Promise.resolve(),
    list: () => Promise.resolve({ certain: true, present: held }),
    among: () => Promise.resolve({ certain: true, present: held }),
  };
  const leases = createLeases({
    config: { PRESENCE_LEASE_MS: leaseMs, PRESENCE_GRACE_MS: graceMs },
    store,
    redis: { app: { on: () => {}, off: () => {} } as never },
    log: pino({ level: "silent" }),
    onChange: () => {},
    onBeat: () => {},
    now: () => now,
  });
  return {
    held,
    arrive: (id: string) => leases.arrive("tenant", "agent", id),
    turn: (id: string, to: Present) => leases.turn("tenant", "agent", id, to),
    leave: (id: string, was: Present = "online") => leases.leave("tenant", "agent", id, was),
    here: () => Object.fromEntries(leases.here("tenant", "agent")),
    /** Time passes and timers are served. */
    pass: async (ms: number) => {
      for (let left = ms; left > 0; left -= 100) {
        now += 100;
        await vi.advanceTimersByTimeAsync(100);
      }
    },
    /** Time passes and nothing is served. */
    freeze: (ms: number) => {
      now += ms;
      held.clear();
    },
  };
};

test("as it is delivered, somebody whose node is gone is told of within fifteen seconds", () => {
  const lease = Number(settings.PRESENCE_LEASE_MS.fallback);
  const windowOfTelling = 1_000;
  expect(lease + lease / beatsPerLease + windowOfTelling).toBeLessThan(15_000);
});

test("of several tabs the last counts, and the grace begins when it is closed", async () => {
  const { held, arrive, leave, pass } = withLeases();
  await arrive("a");
  await arrive("a");
  leave("a");
  await pass(graceMs * 2);
  expect([...held.keys()]).toEqual(["a"]);
  leave("a");
  await pass(graceMs - 200);
  await arrive("a");
  await pass(graceMs * 2);
  expect([...held.keys()]).toEqual(["a"]);
  leave("a");
  await pass(graceMs);
  expect([...held.keys()]).toEqual([]);
});

test("idle is who is idle on every tab, and whoever opens one more is online", async () => {
  const { held, arrive, turn, leave } = withLeases();
  await arrive("a");
  await arrive("a");
  await turn("a", "idle");
  expect(held.get("a")).toBe("online");
  await turn("a", "idle");
  expect(held.get("a")).toBe("idle");
  await arrive("a");
  expect(held.get("a")).toBe("online");
  leave("a");
  await vi.advanceTimersByTimeAsync(0);
  expect(held.get("a")).toBe("idle");
});

test("whoever an emptied Redis has forgotten is written again with the next round", async () => {
  const { held, arrive, pass } = withLeases();
  await arrive("a");
  await arrive("b");
  held.clear();
  await pass(leaseMs / beatsPerLease + 100);
  expect([...held.keys()].toSorted()).toEqual(["a", "b"]);
  // One of them alone is a loss as well.
  held.delete("b");
  await pass(leaseMs / beatsPerLease + 100);
  expect([...held.keys()].toSorted()).toEqual(["a", "b"]);
});

test("a process that was frozen says nothing of those whose sockets closed meanwhile", async () => {
  const { held, here, arrive, turn, leave, freeze, pass } = withLeases();
  for (const id of ["stays", "leaves", "spoke and left"]) await arrive(id);
  freeze(60_000);
  // What had come in is served before the clocks are: a last word, and two closed sockets.
  await turn("spoke and left", "idle");
  leave("spoke and left", "idle");
  leave("leaves");
  expect([...held.keys()]).toEqual([]);
  await pass(leaseMs);
  expect([...held.keys()]).toEqual(["stays"]);
  expect(here()).toEqual({ stays: "online" });
});

test("sockets that are found closed just after a thaw are not given a grace either", async () => {
  const { held, arrive, leave, freeze, pass } = withLeases();
  await arrive("leaves");
  await arrive("stays");
  freeze(60_000);
  await pass(300);
  leave("leaves");
  await pass(leaseMs);
  expect([...held.keys()]).toEqual(["stays"]);
});
