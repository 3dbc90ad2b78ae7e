import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";

const numberIn = (file: string): number => {
  try {
    return Number(readFileSync(file, "utf8").split(" ")[0]);
  } catch {
    return 0;
  }
};

/** A process and its children: Postgres works in many. */
export const familyOf = (pid: number): number[] => {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    return [pid, ...(children === "" ? [] : children.split(" ").map(Number))];
  } catch {
    return [pid];
  }
};

/** Microseconds of CPU by process that each has used so far, all its threads together. Empty where the system does not say. */
export const cpuMicros = (pids: number[]): Map<number, number> => {
  const used = new Map<number, number>();
  if (process.platform !== "linux") return used;
  for (const pid of pids) {
    let nanos = 0;
    try {
      for (const thread of readdirSync(`/proc/${pid}/task`)) nanos += numberIn(`/proc/${pid}/task/${thread}/schedstat`);
    } catch {
      // It has just ended.
    }
    used.set(pid, nanos / 1_000);
  }
  return used;
};

/** What was used between two looks; a process that ended in between counts nothing. NaN where nothing is known. */
export const cpuBetween = (before: Map<number, number>, after: Map<number, number>): number => {
  if (after.size === 0) return Number.NaN;
  let micros = 0;
  for (const [pid, used] of after) micros += Math.max(0, used - (before.get(pid) ?? 0));
  return micros;
};

/** Resident memory of a process in KiB. */
export const residentKib = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+)/mu.exec(status)?.[1]);
};

export type Cores = "0" | "1" | "0,1";

/** Whether processes can be bound to cores here: Linux, `taskset`, and two cores or more. */
export const canPin = (): boolean =>
  process.platform === "linux" && cpus().length >= 2 && spawnSync("taskset", ["--version"]).status === 0;

/** Binds all threads of running processes to cores; what they start from now on inherits it. */
export const pin = (pids: number[], cores: Cores): void => {
  for (const pid of pids) spawnSync("taskset", ["-acp", cores, String(pid)]);
};

/** What a process is started through to run on given cores only. */
export const pinned = (cores: Cores | undefined, command: string, args: string[]): [string, string[]] =>
  cores === undefined ? [command, args] : ["taskset", ["-c", cores, command, ...args]];

/** The machine in one line, and how busy others keep it: processes that ran in the last minute on average. */
export const describeMachine = (): { model: string; cores: number; node: string; load: number } => ({
  model: cpus()[0]?.model.trim() ?? "unknown",
  cores: cpus().length,
  node: process.version,
  load: numberIn("/proc/loadavg"),
});
