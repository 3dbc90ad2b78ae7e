import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { EmbeddedPostgres } from "../../server/launch/postgres.ts";
import { startPostgres } from "../../server/launch/postgres.ts";

let dir: string;
let running: EmbeddedPostgres[] = [];

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "parley-postgres-test-"));
  chmodSync(dir, 0o755);
});
afterEach(async () => {
  await Promise.all(running.map((postgres) => postgres.stop()));
  running = [];
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const start = async (options: Partial<Parameters<typeof startPostgres>[0]> = {}): Promise<EmbeddedPostgres> => {
  const postgres = await startPostgres({ dir: join(dir, "one"), durable: false, ...options });
  running.push(postgres);
  return postgres;
};
const query = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
};
const socketDirectory = (postgres: EmbeddedPostgres): string =>
  new URL(postgres.ownerUrl).searchParams.get("host") as string;

test("what was committed is there after a stop, and after a kill in the middle of a long query", async () => {
  const first = await start();
  await query(first.ownerUrl, "create table kept (n int); insert into kept values (1)");
  await first.stop();

  const second = await start();
  const busy = query(second.ownerUrl, "select count(*) from generate_series(1, 1000000000000)");
  const outcome = busy.then(String, String);
  await vi.waitFor(async () =>
    expect(
      await query(second.ownerUrl, "select from pg_stat_activity where query like '%generate_series%'"),
    ).not.toEqual([]),
  );
  await query(second.ownerUrl, "insert into kept values (2)");
  const { ownerUrl } = second;
  await second.kill();
  expect(await outcome).toContain("Connection terminated");
  expect(second.pid).toBeUndefined();
  await second.start();
  expect(second.ownerUrl).toBe(ownerUrl);
  expect(await query(ownerUrl, "select n from kept order by n")).toEqual([{ n: 1 }, { n: 2 }]);
});

test("one that was asked to come back by itself does", async () => {
  const said: string[] = [];
  const postgres = await start({ restart: true, say: (line) => said.push(line) });
  const before = postgres.pid as number;
  process.kill(before, "SIGKILL");
  await vi.waitFor(() => expect(said.at(-1)).toMatch(/^Postgres is back/u), { timeout: 15_000 });
  expect(postgres.pid).not.toBe(before);
  expect(await query(postgres.ownerUrl, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("its socket lies where nobody else can enter, and goes when it stops", async () => {
  const [one, two] = await Promise.all([start(), start({ dir: join(dir, "two") })]);
  const places = [one, two].map(socketDirectory);
  expect(new Set(places).size).toBe(2);
  for (const place of places) expect(statSync(place).mode & 0o777).toBe(0o700);
  expect(await query(one.ownerUrl, "show listen_addresses")).toEqual([{ listen_addresses: "" }]);
  await Promise.all([one.stop(), two.stop()]);
  for (const place of places) expect(statSync(place, { throwIfNoEntry: false })).toBeUndefined();
});

test("data of another version is refused with a sentence, and left alone", async () => {
  const postgres = await start({ dir: join(dir, "old") });
  await postgres.stop();
  writeFileSync(join(dir, "old/data/PG_VERSION"), "12\n");
  await expect(start({ dir: join(dir, "old") })).rejects.toThrow(
    /was made by Postgres 12, but the one found here is 1\d/u,
  );
});
