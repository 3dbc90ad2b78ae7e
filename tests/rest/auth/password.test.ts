import bcrypt from "bcrypt";
import { describe, expect, test } from "vitest";
import type { Refusal } from "../../../server/contract/errors.ts";
import { createFairQueue } from "../../../server/features/auth/fair-queue.ts";
import { checkPassword, hashPassword } from "../../../server/features/auth/password.ts";

const ada = { address: "192.0.2.7", email: "ada@example.test" };

test("a password is hashed at cost 12 and recognised again", async () => {
  const hash = await hashPassword("correct horse", ada);
  expect(bcrypt.getRounds(hash)).toBe(12);
  expect(await checkPassword("correct horse", hash, ada)).toBe(true);
  expect(await checkPassword("wrong horse", hash, ada)).toBe(false);
});

test("a password is the same however a keyboard composes its letters, also one chosen before that was so", async () => {
  const [composed, decomposed] = ["correct Zo\u00eb", "correct Zoe\u0308"];
  const hash = await hashPassword(composed, ada);
  expect(await checkPassword(decomposed, hash, ada)).toBe(true);
  expect(await checkPassword(decomposed, await bcrypt.hash(decomposed, 4), ada)).toBe(true);
  expect(await checkPassword("correct Zoe", hash, ada)).toBe(false);
});

test("a password is looked up when it is its turn, so that a crowd waits before the database too", async () => {
  const hash = await bcrypt.hash("anything", 4);
  const lookups = { underWay: 0, most: 0 };
  const find = async () => {
    lookups.underWay += 1;
    lookups.most = Math.max(lookups.most, lookups.underWay);
    await new Promise<void>((resolve) => void setImmediate(resolve));
    lookups.underWay -= 1;
    return hash;
  };
  const tries = Array.from({ length: 20 }, (_, i) =>
    checkPassword("anything", find, { address: `203.0.113.${i}`, email: `${i}@looked-up.test` }),
  );
  expect(await Promise.all(tries)).toEqual(tries.map(() => true));
  expect(lookups.most).toBe(2);
  expect(await checkPassword("anything", async () => undefined, ada)).toBe(false);
});

test("so many wait at most, and whoever comes then is told to come back, and when", async () => {
  const hash = await bcrypt.hash("anything", 4);
  const tries = Array.from({ length: 100 }, (_, i) =>
    checkPassword("anything", hash, { address: `198.51.100.${i}`, email: `${i}@crowd.test` }),
  );
  const outcomes = await Promise.allSettled(tries);
  const refusals = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason as Refusal] : []));
  expect(refusals).toHaveLength(100 - 62);
  for (const { code, details } of refusals)
    expect([code, details]).toEqual(["rate_limited", { retryAfterMs: expect.any(Number) }]);
  expect(await checkPassword("anything", hash, ada)).toBe(true);
});

describe("the line before the passwords", () => {
  const sizes = { atOnce: 1, waiting: { all: 10, network: 6, account: 4 } };
  /** A line whose works end when the test says so, and in which order they were begun. */
  const createLine = () => {
    const queue = createFairQueue(sizes);
    const order: string[] = [];
    const ends: (() => void)[] = [];
    const come = (network: string, account: string) =>
      queue
        .run({ network, account }, () => {
          order.push(network);
          return new Promise<void>((resolve) => void ends.push(resolve));
        })
        .then(
          () => "done",
          ({ code }: Refusal) => code,
        );
    const next = async () => {
      ends.shift()?.();
      await new Promise<void>((resolve) => void setImmediate(resolve));
    };
    return { queue, order, come, next };
  };

  test("nobody stands behind the crowd of one address", async () => {
    const { order, come, next } = createLine();
    for (let i = 0; i < 5; i += 1) void come("crowd", `victim ${i}`);
    void come("one", "a");
    void come("other", "b");
    for (let i = 0; i < 7; i += 1) await next();
    expect(order).toEqual(["crowd", "one", "other", "crowd", "crowd", "crowd", "crowd"]);
  });

  test("when it is full, whoever has most in it gives way", async () => {
    const { order, come, next } = createLine();
    const crowd = Array.from({ length: 6 }, (_, i) => come("crowd", `victim ${i}`));
    const others = Array.from({ length: 5 }, (_, i) => come(`other ${i}`, `somebody ${i}`));
    const honest = come("honest", "me");
    for (let i = 0; i < 12; i += 1) await next();
    expect(await honest).toBe("done");
    expect(await Promise.all(others)).toEqual(others.map(() => "done"));
    expect((await Promise.all(crowd)).filter((one) => one === "rate_limited")).toHaveLength(1);
    expect(order.slice(0, 7)).toEqual(["crowd", ...others.map((_, i) => `other ${i}`), "honest"]);
  });

  test("many addresses at one account don't keep its owner out, who has got in from there before", async () => {
    const { queue, order, come, next } = createLine();
    queue.trust("home");
    void come("first", "somebody");
    const botnet = Array.from({ length: 20 }, (_, i) => come(`bot ${i}`, "victim"));
    const owner = come("home", "victim");
    await next();
    expect(order).toEqual(["first", "home"]);
    for (let i = 0; i < 20; i += 1) await next();
    expect(await owner).toBe("done");
    expect((await Promise.all(botnet)).filter((one) => one === "rate_limited")).toHaveLength(16);
  });

  test("a full line of strangers lets in whoever has got in from there before", async () => {
    const { queue, come, next } = createLine();
    queue.trust("home");
    const strangers = Array.from({ length: 12 }, (_, i) => come(`stranger ${i}`, `account ${i}`));
    const owner = come("home", "me");
    for (let i = 0; i < 14; i += 1) await next();
    expect(await owner).toBe("done");
    expect((await Promise.all(strangers)).filter((one) => one === "rate_limited")).toHaveLength(1);
  });

  test("whoever has got in from there before and goes on doing so does not shut out somebody who never has", async () => {
    const { queue, order, come, next } = createLine();
    for (const home of ["home a", "home b"]) queue.trust(home);
    void come("first", "somebody");
    for (let i = 0; i < 6; i += 1) void come("home a", `a ${i}`);
    for (let i = 0; i < 6; i += 1) void come("home b", `b ${i}`);
    const stranger = come("stranger", "me");
    for (let i = 0; i < 3; i += 1) await next();
    expect(order).toContain("stranger");
    await next();
    expect(await stranger).toBe("done");
  });
});
