import { expect, test, vi } from "vitest";
import { createReadBudget, weigh } from "../../server/read-budget.ts";

const reader = (person: string, address = "192.0.2.1", side = "tenant contact") => ({ person, address, side });
const settle = () => new Promise((resolve) => setImmediate(resolve));
const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => "ok",
    (error: { code: string }) => error.code,
  );

/** Reads that end when they are told to. */
const setUp = () => {
  let time = 0;
  const budget = createReadBudget(1, () => time);
  const inside: { name: string; end: (answer?: unknown) => void }[] = [];
  const read = (name: string, who = reader(name), isWanted?: () => boolean) =>
    budget.run(who, () => new Promise((end) => inside.push({ name, end })), isWanted);
  const names = () => inside.map(({ name }) => name);
  return { budget, read, inside, names, pass: (ms: number) => (time += ms) };
};

test("a person has four reads under way; the fifth begins when one of them has ended", async () => {
  const { read, inside } = setUp();
  for (let i = 0; i < 6; i += 1) void read("ada");
  await settle();
  expect(inside).toHaveLength(4);
  inside[0]!.end();
  await settle();
  expect(inside).toHaveLength(5);
});

test("whoever has many reads waiting delays nobody else at their address", async () => {
  const { read, names } = setUp();
  for (let i = 0; i < 60; i += 1) void read("flood");
  void read("ada");
  await settle();
  expect(names()).toEqual(["flood", "flood", "flood", "flood", "ada"]);
});

test("made-up people share what their address has, and other addresses lose nothing", async () => {
  const { read, inside, names } = setUp();
  for (let i = 0; i < 30; i += 1) void read(`visitor ${i}`);
  void read("ada", reader("ada", "192.0.2.2"));
  await settle();
  expect(inside).toHaveLength(9);
  expect(names().at(-1)).toBe("ada");
});

test("a workspace's visitors, wherever they are, use up nothing of its agents", async () => {
  const { read, inside, names } = setUp();
  for (let i = 0; i < 100; i += 1) void read(`visitor ${i}`, reader(`visitor ${i}`, `192.0.2.${i}`));
  void read("agent", reader("agent", "198.51.100.1", "tenant agent"));
  await settle();
  expect(inside).toHaveLength(17);
  expect(names().at(-1)).toBe("agent");
});

test("too many that wait are refused at once, with the time to wait", async () => {
  const { read } = setUp();
  for (let i = 0; i < 64; i += 1) void read("flood");
  await settle();
  await expect(read("flood")).rejects.toMatchObject({ code: "rate_limited", details: { retryAfterMs: 1_000 } });
});

test("who waits for too long is refused, and takes nobody's turn", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const { read, inside } = setUp();
    for (let i = 0; i < 4; i += 1) void read("ada");
    const late = codeOf(read("ada"));
    await settle();
    vi.advanceTimersByTime(8_000);
    expect(await late).toBe("rate_limited");
    inside[0]!.end();
    void read("ada");
    await settle();
    expect(inside).toHaveLength(5);
  } finally {
    vi.useRealTimers();
  }
});

test("for whoever is gone when their turn comes nothing is read", async () => {
  const { read, inside } = setUp();
  for (let i = 0; i < 4; i += 1) void read("ada");
  const gone = codeOf(read("ada", reader("ada"), () => false));
  await settle();
  inside[0]!.end();
  expect(await gone).toBe("rate_limited");
  expect(inside).toHaveLength(4);
});

test("answers are counted by their length: who has had too much waits until it is made up for", async () => {
  const { budget, pass } = setUp();
  const large = "x".repeat(1_048_576);
  const read = (person: string, address?: string) => budget.run(reader(person, address), () => large);
  for (let i = 0; i < 4; i += 1) await read("ada");
  const refusal = await read("ada").catch((error: { details: { retryAfterMs: number } }) => error);
  expect(refusal).toMatchObject({ code: "rate_limited" });
  expect(await codeOf(read("grace"))).toBe("ok");
  pass((refusal as { details: { retryAfterMs: number } }).details.retryAfterMs);
  expect(await codeOf(read("ada"))).toBe("ok");
});

test("what fails is counted too, and frees its place", async () => {
  const { budget } = setUp();
  for (let i = 0; i < 20; i += 1)
    await expect(budget.run(reader("ada"), () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await codeOf(budget.run(reader("ada"), () => 1))).toBe("ok");
});

test("a piece of a long answer waits for its allowance instead of failing", async () => {
  const budget = createReadBudget(1);
  for (let i = 0; i < 4; i += 1) await budget.run(reader("ada"), () => "x".repeat(1_048_576 - 900));
  expect(await budget.runPiece(reader("ada"), () => Promise.resolve("the rest"))).toBe("the rest");
});

test("a value weighs about what it is long as JSON", () => {
  const value = {
    entries: Array.from({ length: 50 }, (_, seq) => ({ seq, body: "hello ".repeat(20), at: null, ok: true })),
  };
  const ratio = weigh(value) / JSON.stringify(value).length;
  expect(ratio).toBeGreaterThan(0.8);
  expect(ratio).toBeLessThan(1.25);
});
