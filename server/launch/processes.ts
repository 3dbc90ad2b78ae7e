import type { ChildProcess, StdioOptions } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, renameSync } from "node:fs";
import { join } from "node:path";
import { spawnModule } from "./checkout.ts";
import { type Daemon, type Say, startDaemon } from "./daemon.ts";

export type ProcessOptions = {
  /** As people read it; a node is told it as NODE_NAME, and its log is called so. */
  name: string;
  /** The whole environment. */
  env: NodeJS.ProcessEnv;
  /** The folder for `<name>.log`. */
  logs: string;
  /** Bring it back when it ends by itself. */
  restart: boolean;
  say: Say;
  /** Seconds it may take to end in order before it is killed. */
  patienceSeconds?: number;
};

/** A node process: a daemon that listens. */
export type NodeProcess = Daemon & { readonly name: string; readonly port: number };

const openLog = (logs: string, name: string): string => {
  const log = join(logs, `${name}.log`);
  mkdirSync(logs, { recursive: true });
  if (existsSync(log)) renameSync(log, `${log}.old`);
  return log;
};

type Spawn = { module: string; env: NodeJS.ProcessEnv; log: string; more?: ("ipc" | "ignore")[]; flags?: string[] };

const spawnLogged = ({ module, env, log, more = [], flags = [] }: Spawn) => {
  const output = openSync(log, "a");
  try {
    const stdio: StdioOptions = ["ignore", output, output, ...more];
    return spawnModule(module, [], { env, detached: true, stdio }, flags);
  } finally {
    closeSync(output);
  }
};

/** Where a process that listens on `host` can be reached from this machine, as it stands in a URL. */
export const reachableAt = (host = "127.0.0.1"): string => {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
};

const isReady = async (address: string): Promise<boolean> => {
  const signal = AbortSignal.timeout(1_000);
  const response = await fetch(`http://${address}/health/ready`, { signal });
  await response.body?.cancel();
  return response.ok;
};

const common = ({ name, say, restart, patienceSeconds = 20 }: ProcessOptions) => ({
  name,
  say,
  restart,
  readyWithinMs: 60_000,
  endSignal: "SIGTERM" as const,
  patienceMs: patienceSeconds * 1_000,
  order: "first" as const,
});

// A message lives for some milliseconds, from its frame to its ack: long enough that many a collection of V8's default young
// generation (16 MB a half) finds it alive and copies it. A larger one than this shows in the memory of idle sockets.
// `npm run node` and the Dockerfile pass the same.
const nodeFlags = ["--max-semi-space-size=32"];

/** Starts one node on `port` and resolves when it is ready. It ends with this process, however that ends. */
export const startNode = async (options: ProcessOptions & { port: number }): Promise<NodeProcess> => {
  const { name, port, logs } = options;
  const log = openLog(logs, name);
  const env: NodeJS.ProcessEnv = { ...options.env, NODE_NAME: name, PORT: String(port) };
  const daemon = await startDaemon({
    ...common(options),
    log,
    spawn: () => spawnLogged({ module: "server/index", env, log, flags: nodeFlags }),
    ready: () => isReady(`${reachableAt(env.HOST)}:${port}`),
  });
  return Object.assign(daemon, { name, port });
};

/** How long a worker that says nothing has to live to count as started. */
const silentWorkerMs = 2_000;

/** Starts one worker and resolves when it has sent "ready" to us, or has lived for a while. */
export const startWorker = async (options: ProcessOptions): Promise<Daemon> => {
  const log = openLog(options.logs, options.name);
  const env = { ...options.env, NODE_NAME: options.name };
  let ready = false;
  return startDaemon({
    ...common(options),
    log,
    spawn: () => {
      const child: ChildProcess = spawnLogged({ module: "workers/index", env, log, more: ["ipc"] });
      ready = false;
      child.once("message", () => (ready = true));
      const timer = setTimeout(() => (ready = true), silentWorkerMs);
      child.once("exit", () => clearTimeout(timer));
      child.channel?.unref();
      return child;
    },
    ready: async () => ready,
  });
};
