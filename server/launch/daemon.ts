import type { ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { unwatch, watch } from "./watchdog.ts";

/** Takes one line of progress for the person at the terminal. */
export type Say = (line: string) => void;

export type DaemonOptions = {
  /** As people read it, e.g. `Postgres` or `node-2`. */
  name: string;
  /** What has to happen before each start. */
  prepare?: () => Promise<void>;
  /** Starts the process, with stdio and environment as it needs; called again at every restart. */
  spawn: () => ChildProcess;
  /** Asked every 25 ms: can it be used now? */
  ready: () => Promise<boolean>;
  readyWithinMs: number;
  /** The signal that makes it end in order, and how long that may take before it is killed. */
  endSignal: "SIGTERM" | "SIGINT";
  patienceMs: number;
  /** Whether it is ended before or after the rest when this process dies. */
  order: "first" | "last";
  /** Bring it back when it ends by itself. */
  restart: boolean;
  /** Where its output goes; the end of it is shown when it can't start. */
  log: string;
  say: Say;
};

/** A process that we keep running. */
export type Daemon = {
  /** Undefined while it is down. */
  readonly pid: number | undefined;
  /** Starts it again after `kill`, at the same address; resolves when it is ready. */
  start: () => Promise<void>;
  /** Sends `signal` (default SIGKILL) and resolves when the process is gone. It stays down until `start`. */
  kill: (signal?: NodeJS.Signals) => Promise<void>;
  /** Ends it in order, and by force when it takes longer than its patience. */
  stop: () => Promise<void>;
  /** Cuts the patience of a `stop` under way short. */
  force: () => void;
};

// Pauses grow while it ends soon after each start, and are short again once it has lived for a while.
const firstPauseMs = 1_000;
const longestPauseMs = 15_000;
const hastyBeforeMs = 3_000;
const steadyAfterMs = 30_000;

/** The last `bytes` of a log, or nothing when there is none. */
export const tail = (file: string, bytes = 2_000): string => {
  if (!existsSync(file)) return "";
  const size = statSync(file).size;
  const buffer = Buffer.alloc(Math.min(bytes, size));
  const descriptor = openSync(file, "r");
  try {
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
  } finally {
    closeSync(descriptor);
  }
  return buffer.toString("utf8").trim();
};

/** Starts a process and keeps it. Rejects, with the end of its log, when it ends or is not ready in time. */
export const startDaemon = async (options: DaemonOptions): Promise<Daemon> => {
  const { name, say } = options;
  let child: ChildProcess | undefined;
  let gone: Promise<unknown> = Promise.resolve();
  // Counts the orders given, so that what an earlier one set going knows that it is no longer wanted.
  let order = 0;
  let up = false;
  let pauseMs = firstPauseMs;
  let pause: AbortController | undefined;

  const launch = async (mine: number) => {
    await options.prepare?.();
    if (mine !== order) throw new Error(`${name} is no longer wanted`);
    const startedAt = Date.now();
    const current = options.spawn();
    child = current;
    let ending: string | undefined;
    const isUp = () => ending === undefined;
    gone = new Promise<void>((resolve) => {
      const ended = (how: string) => {
        if (ending !== undefined) return;
        ending = how;
        if (current.pid) unwatch(current.pid);
        if (child === current) child = undefined;
        resolve();
      };
      current.once("error", (error) => ended(error.message));
      current.once("exit", (code, signal) => ended(signal ? `killed by ${signal}` : `exit code ${code}`));
    });
    if (current.pid) watch(current.pid, options.order, options.endSignal);
    current.unref();
    while (isUp() && !(await options.ready().catch(() => false))) {
      if (Date.now() - startedAt > options.readyWithinMs) {
        current.kill("SIGKILL");
        await gone;
        throw new Error(`${name} was not ready after ${options.readyWithinMs / 1000} s`);
      }
      await delay(25);
    }
    if (!isUp()) throw new Error(`${name} could not start (${ending})`);
    void gone.then(() => {
      if (mine !== order) return;
      say(`${name} ended (${ending})${options.restart ? "; bringing it back" : ""}`);
      if (!options.restart) return;
      const lived = Date.now() - startedAt;
      if (lived > steadyAfterMs) pauseMs = firstPauseMs;
      else if (lived < hastyBeforeMs) pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      void revive(mine);
    });
  };

  const revive = async (mine: number) => {
    const isWanted = () => mine === order;
    while (isWanted()) {
      pause = new AbortController();
      await delay(pauseMs, undefined, { signal: pause.signal, ref: false }).catch(() => {});
      if (!isWanted()) return;
      try {
        await launch(mine);
        if (isWanted()) say(`${name} is back (pid ${child?.pid})`);
        return;
      } catch (error) {
        pauseMs = Math.min(pauseMs * 2, longestPauseMs);
        if (mine === order)
          say(`${(error as Error).message}; trying again in ${pauseMs / 1000} s. Its log: ${options.log}`);
      }
    }
  };

  const start = async () => {
    if (up) return;
    up = true;
    order += 1;
    try {
      await launch(order);
    } catch (error) {
      up = false;
      const log = tail(options.log);
      throw new Error(`${(error as Error).message}${log ? `. Its last words:\n${log}` : ""}`, { cause: error });
    }
  };

  const kill = async (signal: NodeJS.Signals = "SIGKILL") => {
    up = false;
    order += 1;
    pause?.abort();
    child?.ref();
    child?.kill(signal);
    await gone;
  };

  const stop = async () => {
    const current = child;
    if (!current) return kill();
    const impatience = setTimeout(() => current.kill("SIGKILL"), options.patienceMs);
    await kill(options.endSignal);
    clearTimeout(impatience);
  };

  await start();
  return {
    get pid() {
      return child?.pid;
    },
    start,
    kill,
    stop,
    force: () => child?.kill("SIGKILL"),
  };
};
