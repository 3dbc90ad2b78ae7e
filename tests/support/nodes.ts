import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startDaemon } from "../../server/launch/daemon.ts";
import type { Daemon } from "../../server/launch/daemon.ts";
import { startProxy, targetOf } from "./proxy.ts";
import type { Proxy } from "./proxy.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Where the nodes keep everything: a test's own database and Redis. */
export type Stores = { ownerUrl: string; appUrl: string; redisUrl: string };

export type NodesOptions = {
  stores: Stores;
  /** How many; default 2. */
  count?: number;
  /** Settings on top of those for tests; `envOf` adds some for one node, by its place. */
  env?: Record<string, string>;
  envOf?: (index: number) => Record<string, string>;
};

/** Short beats, so that every promise that needs a clock is kept within a test's patience. */
export const testSettings = {
  AUTH_SECRETS: "a secret for tests and for nothing but tests",
  HOST: "127.0.0.1",
  LOG_LEVEL: "info",
  HEAL_INTERVAL_MS: "400",
  PING_INTERVAL_MS: "1000",
  PING_TIMEOUT_MS: "2000",
  PRESENCE_LEASE_MS: "3000",
  PRESENCE_GRACE_MS: "500",
  SESSION_CHECK_SECONDS: "1",
  DRAIN_SECONDS: "1",
  RATE_LIMIT_FACTOR: "100000",
};

/** One real node process, with a proxy of its own in front of Postgres and of Redis. */
export type TestNode = {
  name: string;
  port: number;
  url: string;
  postgres: Proxy;
  redis: Proxy;
  /** Undefined while it is down. */
  readonly pid: number | undefined;
  /** Ends it, by default at once (SIGKILL), and resolves when it is gone. */
  kill: (signal?: NodeJS.Signals) => Promise<void>;
  /** Brings it back at the same address, ready; `env` changes its settings from now on. */
  start: (env?: Record<string, string>) => Promise<void>;
  /** Stops it in mid-air, and lets it go on. */
  freeze: () => void;
  thaw: () => void;
  /** How it ended the last time: exit code or signal. */
  readonly ended: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  log: () => string;
};

export type Nodes = {
  /** A balancer that passes over nodes that take no connections. */
  url: string;
  balancer: Proxy;
  list: TestNode[];
  stop: () => Promise<void>;
};

const withAddress = (address: string, proxy: Proxy, protocol: string): string => {
  const from = new URL(address);
  const to = new URL(`${protocol}//127.0.0.1:${proxy.port}${protocol === "redis:" ? "" : from.pathname}`);
  to.username = from.username;
  to.password = from.password;
  return to.href;
};

/** A port that was free a moment ago. The kernel hands such ports out in turn, so the next asker gets another one. */
const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
};

const startNode = async (
  index: number,
  dir: string,
  options: NodesOptions,
): Promise<TestNode & { stop: () => Promise<void> }> => {
  const { stores } = options;
  const name = `node-${index + 1}`;
  const log = join(dir, `${name}.log`);
  const [port, postgres, redis] = await Promise.all([
    freePort(),
    startProxy(targetOf(stores.ownerUrl)),
    startProxy(targetOf(stores.redisUrl)),
  ]);
  const url = `http://127.0.0.1:${port}`;
  let settings: Record<string, string> = {
    ...testSettings,
    ...options.env,
    ...options.envOf?.(index),
    NODE_NAME: name,
    PORT: String(port),
    DATABASE_URL: withAddress(stores.ownerUrl, postgres, "postgres:"),
    DATABASE_APP_URL: withAddress(stores.appUrl, postgres, "postgres:"),
    REDIS_URL: withAddress(stores.redisUrl, redis, "redis:"),
  };
  const inherited = { PATH: process.env["PATH"], HOME: process.env["HOME"], TMPDIR: process.env["TMPDIR"] };
  let ended: TestNode["ended"];
  let kept: string | undefined;
  const launch = (): ChildProcess => {
    const output = openSync(log, "a");
    const child = spawn(process.execPath, ["--import", "tsx", "server/index.ts"], {
      cwd: root,
      env: { ...inherited, ...settings },
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    ended = undefined;
    child.once("exit", (code, signal) => {
      ended = { code, signal };
    });
    return child;
  };
  const daemon: Daemon = await startDaemon({
    name,
    spawn: launch,
    ready: () => isReady(url),
    readyWithinMs: 60_000,
    endSignal: "SIGTERM",
    patienceMs: 10_000,
    order: "first",
    restart: false,
    log,
    say: () => {},
  });
  const signal = (what: NodeJS.Signals) => {
    if (daemon.pid !== undefined) process.kill(daemon.pid, what);
  };
  return {
    name,
    port,
    url,
    postgres,
    redis,
    get pid() {
      return daemon.pid;
    },
    get ended() {
      return ended;
    },
    kill: (how) => daemon.kill(how),
    start: async (env = {}) => {
      settings = { ...settings, ...env };
      await daemon.start();
    },
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    log: () => kept ?? readFileSync(log, "utf8"),
    stop: async () => {
      await daemon.kill();
      // Failed tests show their logs when the folder is gone already.
      kept = readFileSync(log, "utf8").slice(-20_000);
      await Promise.all([postgres.close(), redis.close()]);
    },
  };
};

/** Starts node processes on private ports behind a balancer. Ended by `stop`, and with this process however it ends. */
export const startNodes = async (options: NodesOptions): Promise<Nodes> => {
  const dir = mkdtempSync(join(tmpdir(), "parley-nodes-"));
  const started = await Promise.allSettled(
    Array.from({ length: options.count ?? 2 }, (_, index) => startNode(index, dir, options)),
  );
  const list = started.flatMap((node) => (node.status === "fulfilled" ? [node.value] : []));
  const failed = started.find((node) => node.status === "rejected");
  const balancer = await startProxy(
    list.map(({ port }) => ({ host: "127.0.0.1", port })),
    { webSocket: true },
  );
  const stop = async () => {
    await Promise.all([balancer.close(), ...list.map((node) => node.stop())]);
    rmSync(dir, { recursive: true, force: true });
  };
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return { url: `http://127.0.0.1:${balancer.port}`, balancer, list, stop };
};
