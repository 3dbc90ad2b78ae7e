import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inTurn, isHolder, takeLock } from "../../server/launch/lock.ts";
import type { Lock } from "../../server/launch/lock.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "parley-lock-test-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const take = (file: string): Lock => {
  const taken = takeLock(file, {});
  if (isHolder(taken)) throw new Error("somebody holds it");
  return taken;
};

test("who comes second learns who came first and what they said", () => {
  const file = join(dir, "one");
  const lock = take(file);
  lock.update({ url: "http://localhost:3000" });
  expect(takeLock(file, {})).toMatchObject({ pid: process.pid, note: { url: "http://localhost:3000" } });
  lock.release();
  take(file).release();
});

test("the lock of a process that is gone, or whose number another has now, is taken over", async () => {
  const file = join(dir, "two");
  const other = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"]);
  writeFileSync(file, JSON.stringify({ pid: other.pid, born: "long ago", note: {} }));
  const lock = take(file);
  lock.release();

  writeFileSync(file, JSON.stringify({ ...(JSON.parse(record(file)) as object), pid: other.pid }));
  const ended = once(other, "close");
  other.kill("SIGKILL");
  await ended;
  take(file).release();
  writeFileSync(file, "half a lo");
  const last = take(file);
  // What is no longer ours is not ours to remove.
  writeFileSync(file, JSON.stringify({ pid: 1, born: "", note: {} }));
  last.release();
  expect(record(file)).toContain('"pid":1');
});

const record = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "{}";
  }
};

test("those who work in turn never work at once", async () => {
  const file = join(dir, "three");
  let inside = 0;
  let most = 0;
  let waited = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all(Array.from({ length: 3 }, () => inTurn(file, () => (waited += 1), work)));
  expect({ most, waited }).toEqual({ most: 1, waited: 2 });
});
