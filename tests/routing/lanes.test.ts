import { expect, test } from "vitest";
import { createLanes, type Work } from "../../server/features/routing/lanes.ts";

/** Work is a number of turns; a turn takes one off each queue of a round. Every turn waits, so that the order shows. */
const setUp = (width = 1) => {
  const turns: string[] = [];
  const gates: (() => void)[] = [];
  const trouble: unknown[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  const lanes = createLanes<number>({
    width,
    merge: (there, added) => there + added,
    onError: (error) => trouble.push(error),
    serve: async (tenantId, round) => {
      turns.push(tenantId);
      mostAtOnce = Math.max(mostAtOnce, (atOnce += 1));
      await new Promise<void>((resolve) => gates.push(resolve));
      atOnce -= 1;
      const next: Work<number> = new Map();
      if (round.has("broken")) throw new Error("broken");
      for (const [key, count] of round) if (count > 1) next.set(key, count - 1);
      return { left: new Map(), next };
    },
  });
  /** Lets every turn end that has begun or begins until nothing is left. */
  const finish = async () => {
    await Promise.resolve();
    while (gates.length > 0) {
      gates.shift()!();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { lanes, turns, finish, gates, trouble, most: () => mostAtOnce };
};

const work = (count: number, key = "queue"): Work<number> => new Map([[key, count]]);

test("a tenant with one thing to do waits for no more than one turn of a tenant with thousands", async () => {
  const { lanes, turns, finish } = setUp();
  lanes.add("flood", work(1_000));
  lanes.add("small", work(1));
  lanes.add("other", work(2));
  await finish();
  expect(turns.slice(0, 6)).toEqual(["flood", "small", "other", "flood", "other", "flood"]);
  expect(turns).toHaveLength(1_003);
});

test("a tenant that comes while another's flood is served is next", async () => {
  const { lanes, turns, gates, finish } = setUp();
  lanes.add("flood", work(50));
  await Promise.resolve();
  for (let i = 0; i < 10; i += 1) {
    gates.shift()!();
    await new Promise((resolve) => setImmediate(resolve));
  }
  lanes.add("small", work(1));
  await finish();
  expect(turns.indexOf("small")).toBe(11);
});

test("no more tenants are served at once than there are lanes, and no tenant by two turns", async () => {
  const { lanes, turns, finish, most } = setUp(3);
  for (const tenant of ["a", "b", "c", "d", "e"]) lanes.add(tenant, work(2));
  lanes.add("a", work(3));
  await Promise.resolve();
  expect(turns).toEqual(["a", "b", "c"]);
  await finish();
  expect(most()).toBe(3);
  expect(turns.filter((tenant) => tenant === "a")).toHaveLength(5);
});

test("what is added during a turn is served by a further one, and idle waits for it", async () => {
  const { lanes, turns, finish } = setUp();
  lanes.add("a", work(1));
  await Promise.resolve();
  lanes.add("a", work(1, "another queue"));
  let idle = false;
  const done = lanes.idle("a").then(() => (idle = true));
  expect(idle).toBe(false);
  await finish();
  await done;
  expect(turns).toEqual(["a", "a"]);
  await lanes.idle("a");
});

test("what keeps coming in for one queue does not hold up a tenant's other queues", async () => {
  const served: string[] = [];
  const lanes = createLanes<number>({
    width: 1,
    merge: (there) => there,
    onError: () => {},
    // Always the first by name, as departments are served by their position.
    serve: (tenantId, round) => {
      const [first, ...others] = [...round.keys()].toSorted();
      served.push(first!);
      if (served.length < 20) lanes.add(tenantId, work(1, "a busy queue"));
      return Promise.resolve({ left: new Map(others.map((key) => [key, 1])), next: new Map() });
    },
  });
  lanes.add(
    "tenant",
    new Map([
      ["a busy queue", 1],
      ["the other", 1],
    ]),
  );
  await lanes.idle("tenant");
  expect(served.slice(0, 2)).toEqual(["a busy queue", "the other"]);
});

test("what one commit gives occasion for is served in one turn", async () => {
  const { lanes, turns, finish } = setUp();
  lanes.add("a", work(1));
  lanes.add("a", work(1, "another queue"));
  await finish();
  expect(turns).toEqual(["a"]);
});

test("a turn that fails is told, and holds up neither its tenant's later work nor anybody else", async () => {
  const { lanes, turns, finish, trouble } = setUp();
  lanes.add("a", work(1, "broken"));
  lanes.add("b", work(1));
  const idle = lanes.idle("a");
  await finish();
  await idle;
  lanes.add("a", work(1));
  await finish();
  expect(turns).toEqual(["a", "b", "a"]);
  expect(trouble).toHaveLength(1);
});

test("stopping lets the turn at hand end and begins no other", async () => {
  const { lanes, turns, gates } = setUp();
  lanes.add("a", work(5));
  lanes.add("b", work(5));
  await Promise.resolve();
  const idle = lanes.idle("b");
  let stopped = false;
  const stopping = lanes.stop().then(() => (stopped = true));
  await idle;
  expect(stopped).toBe(false);
  gates.shift()!();
  await stopping;
  lanes.add("c", work(1));
  expect(turns).toEqual(["a"]);
});
