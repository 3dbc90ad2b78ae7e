import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, readlinkSync, realpathSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Whether a process with this number runs, whoever owns it. One that has ended and was not yet collected does not. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  try {
    return !/\) [ZX] /u.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return process.platform !== "linux";
  }
};

const worksIn = (pid: number | string, directory: string): boolean => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === directory;
  } catch {
    return false;
  }
};

/** Whether `pid` is still the server that wrote its number down in `directory`: numbers are handed out again. */
const isServerOf = (pid: number, directory: string, program: string): boolean => {
  if (!isAlive(pid)) return false;
  if (process.platform === "linux") return worksIn(pid, realpathSync(directory));
  const { stdout } = spawnSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.includes(program);
};

/** Another may have ended it between the look and the blow. */
const signalIfThere = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};

/**
 * Ends a server that an earlier start left behind (a kill -9 that took the watchdog along), and resolves when it is gone.
 * `directory` is the one it works in.
 */
export const endLeftover = async (
  pid: number,
  directory: string,
  program: string,
  signal: NodeJS.Signals,
): Promise<void> => {
  const deadline = Date.now() + 10_000;
  if (isServerOf(pid, directory, program)) signalIfThere(pid, signal);
  while (isServerOf(pid, directory, program)) {
    if (Date.now() > deadline) signalIfThere(pid, "SIGKILL");
    await delay(20);
  }
};

/**
 * Ends the children of a killed Postgres that works in `directory`. Most notice by themselves; one that is busy with a
 * long query goes on, and keeps the next Postgres from starting. Only Linux tells who works where.
 */
export const endOrphans = async (directory: string): Promise<void> => {
  if (process.platform !== "linux") return;
  const place = realpathSync(directory);
  const orphans = () => readdirSync("/proc").filter((name) => /^\d+$/u.test(name) && worksIn(name, place));
  for (let left = orphans(); left.length > 0; left = orphans()) {
    for (const pid of left) signalIfThere(Number(pid), "SIGKILL");
    await delay(10);
  }
};
