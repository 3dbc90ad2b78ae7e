import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { EmbeddedRedis } from "../../server/launch/redis.ts";
import { startRedis } from "../../server/launch/redis.ts";
import { makeCheckout } from "./stand-in.ts";

let dir: string;
let running: EmbeddedRedis[] = [];

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "parley-redis-test-"));
});
afterEach(async () => {
  await Promise.all(running.map((redis) => redis.stop()));
  running = [];
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const start = async (name: string, durable: boolean): Promise<EmbeddedRedis> => {
  const redis = await startRedis({ dir: join(dir, name), durable });
  running.push(redis);
  return redis;
};
const using = async <T>(url: string, work: (client: Redis) => Promise<T>): Promise<T> => {
  const client = new Redis(url, { retryStrategy: () => null });
  client.on("error", () => {});
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
};

test("it never forgets a job to make room, and asks everybody for the password", async () => {
  const redis = await start("one", false);
  expect(await using(redis.url, (client) => client.config("GET", "maxmemory-policy"))).toEqual([
    "maxmemory-policy",
    "noeviction",
  ]);
  const stranger = new URL(redis.url);
  stranger.password = "";
  await expect(using(stranger.href, (client) => client.get("a"))).rejects.toThrow(/NOAUTH/u);
});

test("a durable one keeps its data over a restart at the same address, another starts empty", async () => {
  for (const durable of [true, false]) {
    const redis = await start(`durable ${durable}`, durable);
    await using(redis.url, (client) => client.set("kept", "yes"));
    await redis.kill("SIGTERM");
    await expect(using(redis.url, (client) => client.get("kept"))).rejects.toThrow(/closed/u);
    await redis.start();
    expect(await using(redis.url, (client) => client.get("kept"))).toBe(durable ? "yes" : null);
  }
});

test("where there is none and none can be fetched, one error names the command to install it", () => {
  const checkout = join(dir, "checkout");
  makeCheckout(checkout);
  const script = `import { findRedis } from "./server/launch/redis-binaries.ts"; await findRedis(() => {});`;
  const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
    cwd: checkout,
    env: { PATH: join(dir, "nothing"), HOME: dir },
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /Found no Redis 7[^]*Docker: no engine runs[^]*Install one: `.*install redis.*`, or set REDIS_URL/u,
  );
});
