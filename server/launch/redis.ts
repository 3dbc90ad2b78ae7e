import { spawn, spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { type Daemon, type Say, startDaemon } from "./daemon.ts";
import { freePort } from "./free-port.ts";
import { endLeftover } from "./leftover.ts";
import { type RedisProgram, type RedisSource, findRedis } from "./redis-binaries.ts";

export type RedisOptions = {
  /** Keeps its data and `redis.log`; made when absent. */
  dir: string;
  /** False: what it holds is gone when it ends. For tests. */
  durable: boolean;
  say?: Say;
  /** Bring it back when it ends by itself. Default false. */
  restart?: boolean;
  /** How many numbered databases it has. Default: Redis's own, 16. */
  databases?: number;
};

/** A Redis of our own, on a port of 127.0.0.1 that only the bearer of a random password can use. */
export type EmbeddedRedis = Daemon & {
  /** `redis://:password@127.0.0.1:port`; stays the same over `kill` and `start`. */
  readonly url: string;
};

const image = "redis:7-alpine";

/** Asks for a PONG, which a server that still loads its data does not give. */
const answers = (port: number, password: string): Promise<boolean> =>
  new Promise((settle) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: 1_000 });
    let reply = "";
    const end = (ok: boolean) => {
      socket.destroy();
      settle(ok);
    };
    socket.once("connect", () => socket.write(`AUTH ${password}\r\nPING\r\n`));
    socket.on("data", (data) => {
      reply += data.toString("latin1");
      if (reply.includes("+PONG")) end(true);
      else if (reply.includes("-")) end(false);
    });
    for (const event of ["error", "timeout", "close"]) socket.once(event, () => end(false));
  });

/** The configuration goes in by stdin: what stands on a command line can be read by everybody on the machine. */
const configuration = (lines: Record<string, string>): string =>
  Object.entries(lines)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}\n`)
    .join("");

const commandFor = (source: RedisSource, dir: string, port: number): RedisProgram & { args: string[] } => {
  if (source !== "docker") return { ...source, args: ["-"] };
  const name = `parley-redis-${createHash("sha256").update(realpathSync(dir)).digest("hex").slice(0, 12)}`;
  spawnSync("docker", ["rm", "--force", name], { stdio: "ignore" });
  const publish = ["--publish", `127.0.0.1:${port}:6379`, "--volume", `${name}:/data`];
  return {
    command: "docker",
    env: {},
    args: ["run", "--rm", "--interactive", "--name", name, ...publish, image, "redis-server", "-"],
  };
};

/**
 * Starts a Redis on `dir` and resolves when it answers. It ends when this process does, however that ends. Throws one
 * error that names the command to install a Redis when none runs here.
 */
export const startRedis = async (options: RedisOptions): Promise<EmbeddedRedis> => {
  const say = options.say ?? (() => {});
  const dir = resolve(options.dir);
  const log = join(dir, "redis.log");
  const pidFile = join(dir, "redis.pid");
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const source = await findRedis(say);
  if (source === "docker") say(`Redis: starting ${image} in Docker; the first time it is fetched`);
  if (existsSync(pidFile)) {
    await endLeftover(Number(readFileSync(pidFile, "utf8")), dir, "redis", "SIGTERM");
    rmSync(pidFile, { force: true });
  }

  const port = await freePort();
  const password = randomBytes(24).toString("hex");
  const lines = {
    ...(source === "docker"
      ? { bind: "* -::*", port: "6379", dir: "/data" }
      : { bind: "127.0.0.1", port: String(port), dir, pidfile: pidFile }),
    requirepass: password,
    // BullMQ's jobs are not a cache: better refuse a write than forget one.
    "maxmemory-policy": "noeviction",
    ...(options.databases !== undefined && { databases: String(options.databases) }),
    save: "",
    appendonly: options.durable ? "yes" : "no",
  };
  closeSync(openSync(log, "w"));
  const daemon = await startDaemon({
    name: "Redis",
    spawn: () => {
      const { command, args, env } = commandFor(source, dir, port);
      const output = openSync(log, "a");
      try {
        const child = spawn(command, args, {
          cwd: dir,
          env: { ...process.env, ...env },
          detached: true,
          stdio: ["pipe", output, output],
        });
        child.stdin?.on("error", () => {});
        child.stdin?.end(configuration(lines));
        return child;
      } finally {
        closeSync(output);
      }
    },
    ready: () => answers(port, password),
    readyWithinMs: source === "docker" ? 300_000 : 60_000,
    endSignal: "SIGTERM",
    patienceMs: 10_000,
    order: "last",
    restart: options.restart ?? false,
    log,
    say,
  });
  return {
    get pid() {
      return daemon.pid;
    },
    start: daemon.start,
    kill: daemon.kill,
    stop: daemon.stop,
    force: daemon.force,
    url: `redis://:${password}@127.0.0.1:${port}`,
  };
};
