import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { freePort } from "../../server/launch/free-port.ts";
import { makeCheckout, processesOf, run } from "./stand-in.ts";
import type { Command } from "./stand-in.ts";

let base: string;
let checkout: string;
let port: number;
let commands: Command[] = [];

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), "parley-launch-"));
  chmodSync(base, 0o755);
  checkout = join(base, "checkout");
  makeCheckout(checkout);
});
afterEach(async () => {
  for (const { child } of commands) child.kill("SIGKILL");
  commands = [];
  await nothingRuns();
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

const nothingRuns = () => vi.waitFor(() => expect(processesOf(base)).toEqual([]), { timeout: 20_000, interval: 50 });

const start = (options: Parameters<typeof run>[2] & { folder?: string } = {}): Command => {
  const command = run(options.folder ?? checkout, "start", { ...options, env: { PORT: String(port), ...options.env } });
  commands.push(command);
  return command;
};
const isReady = /Parley is ready[^]*Ctrl-C/u;
const ask = async (path = "/", at = port) =>
  (await (await fetch(`http://127.0.0.1:${at}${path}`)).json()) as Record<string, unknown>;

beforeAll(async () => {
  port = await freePort();
});

test("a start brings all it needs, says where it is, and ends all of it in order", async () => {
  const first = start();
  const output = await first.says(isReady);
  expect(output).toContain(`http://localhost:${port}/demo`);
  expect(output).toContain(`http://localhost:${port}/desktop`);
  expect(output).toContain("agent@acme.test");
  expect(await ask()).toMatchObject({ node: "node-1", demo: "true", secret: 43 });
  const secret = join(checkout, ".parley/auth-secrets");
  expect(statSync(secret).mode & 0o777).toBe(0o600);
  const kept = readFileSync(secret, "utf8");
  first.child.kill("SIGTERM");
  expect(await first.ended).toBe(0);
  expect(first.output).toContain("Stopped.");
  await nothingRuns();

  const second = start();
  await second.says(isReady);
  expect(readFileSync(secret, "utf8")).toBe(kept);
});

test("one Ctrl-C, which arrives several times, lets nodes drain; a later one does not wait", async () => {
  const env = { STAND_IN_DRAIN_MS: "1500" };
  const log = () => readFileSync(join(checkout, ".parley/logs/node-1.log"), "utf8");
  const patient = start({ env });
  await patient.says(isReady);
  patient.child.kill("SIGINT");
  await patient.says(/Stopping/u);
  patient.child.kill("SIGINT");
  expect(await patient.ended).toBe(0);
  expect(log()).toContain("drained");

  const hurried = start({ env: { STAND_IN_DRAIN_MS: "60000" } });
  await hurried.says(isReady);
  const again = setInterval(() => hurried.child.kill("SIGINT"), 300);
  expect(await hurried.ended).toBe(0);
  clearInterval(again);
  expect(log()).not.toContain("drained");
});

test("a second start on the same data names the first and leaves it alone", async () => {
  const first = start();
  await first.says(isReady);
  const { pid } = await ask();
  const again = start();
  expect(await again.ended).toBe(0);
  expect(again.output).toContain(`already runs here (npm start, pid ${first.child.pid}): http://localhost:${port}`);
  const elsewhere = start({ env: { PORT: String(await freePort()) } });
  expect(await elsewhere.ended).toBe(1);
  expect(elsewhere.output).toContain("DATA_DIR");
  expect((await ask()).pid).toBe(pid);
});

test("two copies run side by side", async () => {
  const other = await freePort();
  const copy = { env: { PORT: String(other), DATA_DIR: join(base, "other data") } };
  await Promise.all([start().says(isReady), start(copy).says(isReady)]);
  const [one, two] = await Promise.all([ask("/"), ask("/", other)]);
  expect(one.pid).not.toBe(two.pid);
});

test("a port in use is said, and nothing is started", async () => {
  const server = createServer().listen(port, "127.0.0.1");
  const command = start();
  expect(await command.ended).toBe(1);
  expect(command.output).toContain(`Port ${port} on 127.0.0.1 is in use`);
  expect(command.output).not.toContain("Postgres");
  await new Promise((resolve) => server.close(resolve));
});

test("a bad configuration lists every mistake, and nothing is started", async () => {
  const command = start({ env: { PORT: "no", LOG_LEVEL: "loud", REDIS_URL: "http://x", DATABASE_URL: "" } });
  expect(await command.ended).toBe(2);
  expect(command.output).toMatch(/3 mistakes[^]*REDIS_URL[^]*PORT[^]*LOG_LEVEL/u);
  expect(command.output).not.toContain("Postgres is");
});

test("the demo's logins are not offered to a network, and nothing is started", async () => {
  const command = start({ env: { HOST: "0.0.0.0" } });
  expect(await command.ended).toBe(1);
  expect(command.output).toMatch(/HOST=0\.0\.0\.0 would offer the demo logins.*DEMO=false/u);
  expect(command.output).not.toContain("Postgres is");
});

test("a data folder that can't be used is said", async () => {
  writeFileSync(join(base, "a file"), "");
  const command = start({ env: { DATA_DIR: join(base, "a file", "data") } });
  expect(await command.ended).toBe(1);
  expect(command.output).toMatch(/The data folder .*a file\/data can't be used: ENOTDIR.*DATA_DIR/u);
});

test("a Redis or a database that is not there is said", async () => {
  const closed = await freePort();
  const withoutRedis = start({ env: { REDIS_URL: `redis://:hush@127.0.0.1:${closed}` } });
  expect(await withoutRedis.ended).toBe(1);
  expect(withoutRedis.output).toMatch(/Redis does not answer at REDIS_URL.*ECONNREFUSED/u);
  expect(withoutRedis.output).not.toContain("hush");
  await nothingRuns();
  const withoutDatabase = start({ env: { DATABASE_URL: `postgres://a:hush@127.0.0.1:${closed}/b` } });
  expect(await withoutDatabase.ended).toBe(1);
  expect(withoutDatabase.output).toMatch(/database could not be prepared.*ECONNREFUSED/u);
  expect(withoutDatabase.output).not.toContain("hush");
});

test("a killed start leaves nothing running, and the next one works", async () => {
  const killed = start();
  await killed.says(isReady);
  killed.child.kill("SIGKILL");
  await nothingRuns();
  expect(await start().says(isReady)).not.toContain("making the data folder");
});

test("a start that is killed while it makes its data is made good by the next", async () => {
  const env = { DATA_DIR: join(base, "half") };
  const killed = start({ env });
  await killed.says(/making the data folder/u);
  killed.child.kill("SIGKILL");
  await nothingRuns();
  expect(await start({ env }).says(isReady)).toContain("tables up to date");
});

test("what a start and its watchdog leave when both are killed, the next start clears up", async () => {
  const killed = start();
  await killed.says(isReady);
  const before = processesOf(checkout);
  // The watchdog is the one child that is a shell.
  const children = readdirSync("/proc").filter((pid) => /^\d+$/u.test(pid));
  const watchdog = children.find((pid) => {
    try {
      return (
        readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[1] === String(killed.child.pid) &&
        readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("parley-watchdog")
      );
    } catch {
      return false;
    }
  });
  process.kill(Number(watchdog), "SIGKILL");
  killed.child.kill("SIGKILL");
  await killed.ended;
  const orphans = before.filter((line) => !line.startsWith(`${killed.child.pid} `));
  expect(orphans.length).toBeGreaterThan(3);

  await start({ env: { PORT: String(await freePort()) } }).says(isReady);
  const still = new Set(processesOf(checkout));
  expect(orphans.filter((line) => /postgres|redis/u.test(line) && still.has(line))).toEqual([]);
  for (const line of orphans) if (still.has(line)) process.kill(Number.parseInt(line, 10), "SIGKILL");
});

test("killing npm ends what npm start started", async () => {
  const npm = start({ as: ["npm", "start", "--silent"] });
  await npm.says(isReady);
  npm.child.kill("SIGKILL");
  await nothingRuns();
  expect(npm.output).toContain("Stopped.");
});

test("a node that crashes is brought back, and that is said", async () => {
  const command = start();
  await command.says(isReady);
  const { pid } = await ask();
  await ask("/crash").catch(() => {});
  await command.says(/node-1 ended \(killed by SIGKILL\); bringing it back[^]*node-1 is back/u);
  expect((await ask()).pid).not.toBe(pid);
});

test("a checkout in a private home works, whoever starts it", async () => {
  const home = join(base, "private home");
  const folder = join(home, "parley");
  spawnSync("mkdir", ["-p", "-m", "700", home]);
  makeCheckout(folder, { ownPostgres: true });
  expect(statSync(home).mode & 0o777).toBe(0o700);
  const command = start({ folder });
  await command.says(isReady);
  command.child.kill("SIGTERM");
  expect(await command.ended).toBe(0);
  await start({ folder }).says(isReady);
});
