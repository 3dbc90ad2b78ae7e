import { expect, test, vi } from "vitest";
import { createTurnstile } from "../../db/turnstile.ts";

/** Requests note when they are let in, and leave when they are told to. */
const setUp = (places: number, kept = 0, mostPerLine = places) => {
  const { enter } = createTurnstile({ places, kept, mostPerLine, patienceMs: 1_000 });
  const inside: string[] = [];
  const exits: (() => void)[] = [];
  const request = (line: string, urgent = false) =>
    enter(line, urgent).then((leave) => {
      inside.push(line);
      exits.push(leave);
    });
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const leaveOne = async () => {
    exits.shift()!();
    await settle();
  };
  return { request, inside, leaveOne, exits, settle };
};

test("while there is room everybody goes in at once", async () => {
  const { request, inside } = setUp(3);
  await Promise.all([request("a"), request("a"), request("b")]);
  expect(inside).toEqual(["a", "a", "b"]);
});

test("where a hundred of one line wait, one of another is served after a single one of them", async () => {
  const { request, inside, leaveOne, settle } = setUp(1);
  for (let i = 0; i < 100; i += 1) void request("flood");
  void request("small");
  await settle();
  for (let i = 0; i < 3; i += 1) await leaveOne();
  expect(inside).toEqual(["flood", "flood", "small", "flood"]);
});

test("some places are kept for what is urgent, however many others wait", async () => {
  const { request, inside, leaveOne, settle } = setUp(3, 1);
  for (let i = 0; i < 10; i += 1) void request("people");
  await settle();
  expect(inside).toEqual(["people", "people"]);
  void request("routing", true);
  void request("routing", true);
  await settle();
  expect(inside).toEqual(["people", "people", "routing"]);
  await leaveOne();
  expect(inside.at(-1)).toBe("routing");
});

test("one line never takes all places, and goes on when one of its own leaves", async () => {
  const { request, inside, leaveOne, settle } = setUp(3, 0, 2);
  for (let i = 0; i < 10; i += 1) void request("flood");
  await settle();
  expect(inside).toEqual(["flood", "flood"]);
  await request("small");
  await leaveOne();
  expect(inside).toEqual(["flood", "flood", "small", "flood"]);
});

test("leaving twice makes room once", async () => {
  const { request, inside, exits, settle } = setUp(1);
  void request("a");
  void request("b");
  void request("c");
  await settle();
  const leave = exits.shift()!;
  leave();
  leave();
  await settle();
  expect(inside).toEqual(["a", "b"]);
});

test("who has waited for too long is turned away, and nobody waits for them", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const { request, inside, leaveOne, settle } = setUp(1);
    void request("a");
    const late = request("b").catch((error: Error) => error.message);
    vi.advanceTimersByTime(1_000);
    expect(await late).toMatch(/timeout exceeded/u);
    void request("c");
    await settle();
    await leaveOne();
    expect(inside).toEqual(["a", "c"]);
  } finally {
    vi.useRealTimers();
  }
});
