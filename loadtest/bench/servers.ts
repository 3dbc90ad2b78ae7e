import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { freePort } from "../../server/launch/free-port.ts";
import type { Question } from "./inside.ts";
import { type Cores, pinned } from "./machine.ts";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const inside = new URL("./inside.ts", import.meta.url).href;
export const modules = {
  node: fileURLToPath(new URL("../../server/index.ts", import.meta.url)),
  bare: fileURLToPath(new URL("./bare.ts", import.meta.url)),
  crowd: fileURLToPath(new URL("./crowd.ts", import.meta.url)),
};

export type Server = {
  name: string;
  pid: number;
  port: number;
  /** Collects garbage, or profiles. */
  ask: (question: Question) => Promise<void>;
  stop: () => Promise<void>;
};

/** The environment without what belongs to the caller's own Parley or Postgres. */
const inherited = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  TMPDIR: process.env.TMPDIR,
});

/** Resolves when the child has ended. */
export const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve();
    else child.once("exit", () => resolve());
  });

/** Starts a TypeScript module of ours on some cores, with a channel to it. It ends with this process. */
export const launchModule = (
  module: string,
  {
    cores,
    env,
    log,
    flags: own = [],
  }: { cores: Cores | undefined; env: Record<string, string>; log: string; flags?: string[] },
): ChildProcess => {
  const flags = [
    "--expose-gc",
    ...own,
    "--import",
    tsx,
    ...(module === modules.crowd ? [] : ["--import", inside]),
    module,
  ];
  const [command, args] = pinned(cores, process.execPath, flags);
  const output = openSync(log, "a");
  const child = spawn(command, args, {
    env: { ...inherited(), ...env },
    stdio: ["ignore", output, output, "ipc"],
  });
  closeSync(output);
  return child;
};

const takesConnections = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    socket.once("connect", () => socket.end());
  });

/** Starts a server process and resolves when it takes connections. Throws with the end of its log when it does not. */
export const startServer = async (
  name: string,
  module: string,
  {
    cores,
    env = {},
    logs,
    flags,
  }: { cores: Cores | undefined; env?: Record<string, string>; logs: string; flags?: string[] },
): Promise<Server> => {
  const port = await freePort();
  const log = join(logs, `${name}.log`);
  const child = launchModule(module, { cores, log, flags, env: { ...env, PORT: String(port), NODE_NAME: name } });
  const giveUpAt = Date.now() + 30_000;
  while (!(await takesConnections(port))) {
    if (child.exitCode !== null || Date.now() > giveUpAt) {
      child.kill("SIGKILL");
      throw new Error(`${name} did not start. Its last words:\n${readFileSync(log, "utf8").slice(-2_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    name,
    port,
    pid: child.pid!,
    ask: (question) =>
      new Promise((resolve) => {
        child.once("message", () => resolve());
        child.send(question);
      }),
    stop: async () => {
      child.kill("SIGTERM");
      const impatience = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await ended(child);
      clearTimeout(impatience);
    },
  };
};
