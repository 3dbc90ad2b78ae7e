import { spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An unprivileged user that root hands a server to; undefined stands for "as ourselves". */
export type RunAs = { uid: number; gid: number };

const numberOf = (flag: "-u" | "-g", name: string): number | undefined => {
  const { status, stdout } = spawnSync("id", [flag, name], { encoding: "utf8" });
  return status === 0 ? Number(stdout.trim()) : undefined;
};

/**
 * Whom to run Postgres as: it refuses root. What exists already keeps its owner, so that a data folder once made by a
 * plain user still works when root starts it; else `postgres`, else `nobody`.
 */
export const unprivileged = (existing?: string): RunAs | undefined => {
  if (process.geteuid?.() !== 0) return undefined;
  const owner = existing === undefined ? undefined : statSync(existing, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const name of ["postgres", "_postgres", "nobody"]) {
    const uid = numberOf("-u", name);
    const gid = numberOf("-g", name);
    if (uid && gid !== undefined) return { uid, gid };
  }
  throw new Error(
    "Postgres does not run as root, and there is neither a user `postgres` nor `nobody` to run it as. Start Parley as a plain user, or set DATABASE_URL.",
  );
};

/** Whether `who` can enter and read a directory. The kernel is asked, since mode bits do not know of all that matters. */
export const canEnter = (directory: string, who?: RunAs): boolean => {
  const asked = spawnSync("/bin/sh", ["-c", 'test -r "$1" && test -x "$1"', "sh", directory], { cwd: "/", ...who });
  if (asked.error) throw new Error(`Root may not become user ${who?.uid} here: ${asked.error.message}`);
  return asked.status === 0;
};

/** A socket's path may hold about 104 bytes; what stands before `/parley-…/.s.PGSQL.5432` may hold this many. */
const longestBase = 70;

/** Makes a directory that `who` alone can enter, with a path short enough for a socket within. Never the same twice. */
export const makeSocketDirectory = (prefix: string, who?: RunAs): string => {
  for (const base of new Set([tmpdir(), "/tmp", "/var/tmp"])) {
    if (Buffer.byteLength(base) > longestBase || !canEnter(base, who)) continue;
    try {
      const directory = mkdtempSync(join(base, prefix));
      if (who) chownSync(directory, who.uid, who.gid);
      return directory;
    } catch {
      // Not ours to write: the next one.
    }
  }
  throw new Error("Found no writable temporary directory for Postgres' socket: tried TMPDIR, /tmp and /var/tmp.");
};
