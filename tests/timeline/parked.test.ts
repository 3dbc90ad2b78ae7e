import { expect, test } from "vitest";
import { createGroupCommit } from "../../server/timeline/group-commit.ts";
import { createParked } from "../../server/timeline/parked.ts";

/** Rows parked under a clock that stands still until it is moved. */
const withClock = () => {
  const clock = { ms: 0 };
  return { clock, parked: createParked<string>(() => clock.ms) };
};

test("what was passed over is tried again at once, all of it, and then at growing distances", () => {
  const { clock, parked } = withClock();
  parked.passOver("a", ["a1", "a2"]);
  const pauses: number[] = [];
  for (let i = 0; i < 10; i += 1) {
    pauses.push(parked.dueInMs()!);
    clock.ms += parked.dueInMs()!;
    const tried = parked.takeDue(50);
    // Once it is held for long, the oldest alone asks.
    expect(tried).toEqual(i < 5 ? ["a1", "a2"] : ["a1"]);
    expect(parked.passOver("a", tried)).toEqual([]);
  }
  expect(pauses).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 100, 100]);
});

test("what came in meanwhile stays behind, and goes on when the first is let go", () => {
  const { parked } = withClock();
  parked.passOver("a", ["a1"]);
  expect(parked.takeDue(50)).toEqual(["a1"]);
  expect(parked.add("a", ["a2"])).toEqual([]);
  expect(parked.takeDue(50)).toEqual([]);
  parked.passOver("a", ["a1"]);
  parked.add("a", ["a3"]);
  expect(parked.letGo("a")).toEqual(["a1", "a2", "a3"]);
  expect(parked.size).toBe(0);
});

test("all of what waited in vain is given up together, and what there is no room for at once", () => {
  const { clock, parked } = withClock();
  const rows = Array.from({ length: 510 }, (_, i) => `a${i}`);
  expect(parked.passOver("a", rows)).toHaveLength(10);
  expect(parked.add("a", ["one more"])).toEqual(["one more"]);
  clock.ms = 5_000;
  expect(parked.passOver("a", parked.takeDue(50))).toHaveLength(500);
  expect(parked.has("a")).toBe(false);
});

test("thousands that wait together ask seldom, and each gets its turn", () => {
  const { clock, parked } = withClock();
  for (let i = 0; i < 2_000; i += 1) parked.passOver(`${i}`, [`${i}`]);
  expect(parked.passOver("one more", ["one more"])).toEqual(["one more"]);
  const asked = new Map<string, number>();
  for (clock.ms = 0; clock.ms < 4_000; clock.ms += 1)
    for (const key of parked.takeDue(50)) {
      asked.set(key, (asked.get(key) ?? 0) + 1);
      parked.passOver(key, [key]);
    }
  expect(Math.min(...asked.values())).toBeGreaterThan(2);
  expect([...asked.values()].reduce((sum, n) => sum + n, 0)).toBeLessThan(4_000 * 8);
});

/** A group commit whose rows `key:n` are passed over while their key is in `locked`. */
const withLocks = () => {
  const locked = new Set<string>();
  const stored: string[] = [];
  const sizes: number[] = [];
  const group = createGroupCommit<string, string>({
    keyOf: (row) => row.split(":")[0]!,
    mostRows: 10,
    commit: async (rows) => {
      await new Promise((resolve) => setImmediate(resolve));
      sizes.push(rows.length);
      const passedOver = rows.flatMap((row, place) => (locked.has(row.split(":")[0]!) ? [place] : []));
      return {
        passedOver,
        tell: () => {
          stored.push(...rows.filter((_, place) => !passedOver.includes(place)));
          return rows;
        },
      };
    },
  });
  return { locked, stored, sizes, group };
};

test("rows of one key are stored in the order they came in, whether it was locked before, between or behind them", async () => {
  const { locked, stored, group } = withLocks();
  locked.add("a");
  const all = Array.from({ length: 25 }, (_, i) => group.submit(`a:${i}`));
  await Promise.all(Array.from({ length: 25 }, (_, i) => group.submit(`b:${i}`)));
  expect(stored).toEqual(Array.from({ length: 25 }, (_, i) => `b:${i}`));
  all.push(...Array.from({ length: 25 }, (_, i) => group.submit(`a:${25 + i}`)));
  locked.delete("a");
  await all[3];
  locked.add("a");
  all.push(group.submit("a:50"));
  await group.submit("b:25");
  locked.delete("a");
  await Promise.all(all);
  await group.idle();
  expect(stored.filter((row) => row.startsWith("a"))).toEqual(Array.from({ length: 51 }, (_, i) => `a:${i}`));
});

test("a row that can't be stored fails alone while another one's key is locked", async () => {
  const locked = new Set(["a"]);
  const stored: string[] = [];
  const group = createGroupCommit<string, string>({
    keyOf: (row) => row.split(":")[0]!,
    mostRows: 10,
    commit: async (rows) => {
      if (rows.includes("b:bad")) throw new Error("this can't be stored");
      const passedOver = rows.flatMap((row, place) => (locked.has(row.split(":")[0]!) ? [place] : []));
      stored.push(...rows.filter((_, place) => !passedOver.includes(place)));
      return { passedOver, tell: () => rows };
    },
  });
  const waiting = [group.submit("a:1"), group.submit("a:2")];
  const [bad, good] = await Promise.allSettled([group.submit("b:bad"), group.submit("b:good")]);
  expect(bad).toMatchObject({ status: "rejected", reason: { message: "this can't be stored" } });
  expect(good).toMatchObject({ status: "fulfilled", value: "b:good" });
  locked.clear();
  expect(await Promise.all(waiting)).toEqual(["a:1", "a:2"]);
  expect(stored).toEqual(["b:good", "a:1", "a:2"]);
});
