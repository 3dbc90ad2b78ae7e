import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isAlive } from "./leftover.ts";

/** Who holds a lock, and what they want others to know. `born` tells them from a later process with the same number. */
export type Holder = { pid: number; born: string; note: Record<string, unknown> };
export type Lock = {
  /** Tells others something new about the holder. */
  update: (note: Record<string, unknown>) => void;
  release: () => void;
};

const bornAt = (pid: number): string => {
  if (process.platform !== "linux")
    return spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim();
  try {
    // Field 22, counted behind the program's name, which may hold anything.
    return (
      readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /su, "")
        .split(" ")[19] ?? ""
    );
  } catch {
    return "";
  }
};

const read = (file: string): Holder | undefined => {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
};

const holds = (holder: Holder): boolean => isAlive(holder.pid) && bornAt(holder.pid) === holder.born;

/**
 * Takes the lock `file`, or tells who holds it. A holder that died, however it died, does not count. Synchronous, and
 * written aside, so that nobody sees half a lock.
 */
export const takeLock = (file: string, note: Record<string, unknown>): Lock | Holder => {
  mkdirSync(dirname(file), { recursive: true });
  const mine: Holder = { pid: process.pid, born: bornAt(process.pid), note };
  const aside = `${file}.${process.pid}`;
  const write = (to: string) => writeFileSync(to, `${JSON.stringify(mine)}\n`, { mode: 0o644 });
  const isMine = () => read(file)?.pid === mine.pid && read(file)?.born === mine.born;
  for (;;) {
    write(aside);
    try {
      // Unlike a rename, a link never replaces what is there.
      linkSync(aside, file);
      return {
        update: (latest) => {
          mine.note = latest;
          write(aside);
          renameSync(aside, file);
        },
        release: () => {
          if (isMine()) rmSync(file, { force: true });
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      rmSync(aside, { force: true });
    }
    const holder = read(file);
    if (holder && holds(holder)) return holder;
    // Stale. Moved aside first: should another have taken over between our look and our move, it gets its lock back.
    try {
      renameSync(file, aside);
      const moved = read(aside);
      if (moved && holds(moved)) linkSync(aside, file);
    } catch {
      // Somebody else cleared it away.
    }
    rmSync(aside, { force: true });
  }
};

export const isHolder = (taken: Lock | Holder): taken is Holder => "pid" in taken;

/** Runs `work` while nobody else in this checkout does; `onWait` is called once when somebody has to be waited for. */
export const inTurn = async <T>(file: string, onWait: (holder: Holder) => void, work: () => Promise<T>): Promise<T> => {
  let told = false;
  for (;;) {
    const taken = takeLock(file, {});
    if (!isHolder(taken)) {
      try {
        return await work();
      } finally {
        taken.release();
      }
    }
    if (!told) onWait(taken);
    told = true;
    await delay(100);
  }
};
