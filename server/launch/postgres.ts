import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, openSync, closeSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { type Daemon, type Say, startDaemon } from "./daemon.ts";
import { endLeftover, endOrphans } from "./leftover.ts";
import { type PostgresBinaries, findPostgres } from "./postgres-binaries.ts";
import { type RunAs, canEnter, makeSocketDirectory, unprivileged } from "./run-as.ts";
import { removeAfterwards } from "./watchdog.ts";

export type PostgresOptions = {
  /** Keeps `data/` and `postgres.log`; made when absent. Any place will do, a private home included. */
  dir: string;
  /** False: survives its own crash but not the machine's, and is much faster. For tests. */
  durable: boolean;
  say?: Say;
  /** Bring it back when it ends by itself. Default false. */
  restart?: boolean;
  prefer?: "packaged" | "installed";
};

/** A Postgres of our own, reachable only through a socket in a directory that only we can enter. */
export type EmbeddedPostgres = Daemon & {
  /** A connection string for `pg`, psql and whatever else knows the `host` parameter. */
  urlFor: (user: string, database: string) => string;
  /** The superuser `postgres` on the database `parley`, which exists. */
  readonly ownerUrl: string;
  /** `parley_app` on the same; the migrations make that role. */
  readonly appUrl: string;
};

const socketPrefix = "parley-pg-";

/** Runs `use` with how Postgres, as `who`, can reach a directory: by which path, and with which descriptors beside stdio. */
const withReach = <T>(directory: string, who: RunAs | undefined, use: (path: string, extra: number[]) => T): T => {
  if (canEnter(directory, who)) return use(directory, []);
  if (process.platform !== "linux" || !who)
    throw new Error(
      `The user that runs Postgres can't enter ${directory}. Choose another DATA_DIR, or start Parley as a plain user.`,
    );
  // Its user can't pass some directory above, a private home say. So root opens the directory and hands it over: Postgres
  // and all its children inherit it as descriptor 3, and the kernel lets them in by that name.
  const descriptor = openSync(directory, "r");
  try {
    return use("/proc/self/fd/3", [descriptor]);
  } finally {
    closeSync(descriptor);
  }
};

const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PG") && !name.startsWith("LC_")));

/** Makes the data directory aside and moves it into place, so that an interrupted start leaves nothing half made. */
const initialise = (data: string, { bin, major }: PostgresBinaries, durable: boolean, who?: RunAs): void => {
  const aside = `${data}.new`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { mode: 0o700 });
  if (who) chownSync(aside, who.uid, who.gid);
  // The same order and letter case on every machine, whatever locales it has.
  const locale = major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : [];
  const run = (program: string, argumentsFor: (path: string) => string[], input = "") =>
    withReach(aside, who, (path, extra) => {
      const { status, error, stderr } = spawnSync(join(bin, program), argumentsFor(path), {
        cwd: "/",
        env: environment(),
        stdio: ["pipe", "pipe", "pipe", ...extra],
        input,
        encoding: "utf8",
        ...who,
      });
      if (status !== 0) throw new Error(`${program} could not make ${data}: ${error?.message ?? stderr.trim()}`);
    });
  run("initdb", (path) =>
    ["-D", path, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions"]
      .concat(locale)
      .concat(durable ? [] : "--no-sync"),
  );
  run("postgres", (path) => ["--single", "-j", "-D", path, "postgres"], "create database parley;\n\n");
  renameSync(aside, data);
};

/** Ends what a killed start left running on this data, and clears its socket and its lock away. */
const clearUp = async (data: string): Promise<void> => {
  const lock = join(data, "postmaster.pid");
  if (!existsSync(lock)) return;
  const [pid, , , , socketDirectory] = readFileSync(lock, "utf8").split("\n");
  await endLeftover(Number(pid), data, "postgres", "SIGINT");
  rmSync(lock, { force: true });
  if (socketDirectory && basename(socketDirectory).startsWith(socketPrefix))
    rmSync(socketDirectory, { recursive: true, force: true });
};

/** Postgres writes its state into its lock file; the number before it tells our process from one of an earlier start. */
const isReady = (data: string, pid: number | undefined): boolean => {
  const lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
  return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
};

/**
 * Starts a Postgres on `dir`, making the data on the first time, and resolves when it takes connections. It ends when
 * this process does, however that ends. Throws when no Postgres runs here, or when the data is of another version or user.
 */
export const startPostgres = async (options: PostgresOptions): Promise<EmbeddedPostgres> => {
  if (process.platform === "win32")
    throw new Error("The embedded Postgres runs on Linux and macOS. Use WSL, or set DATABASE_URL.");
  const say = options.say ?? (() => {});
  const dir = resolve(options.dir);
  const data = join(dir, "data");
  const log = join(dir, "postgres.log");
  mkdirSync(dir, { recursive: true });
  const who = unprivileged(data);
  const binaries = findPostgres(who, options.prefer);

  if (existsSync(data)) {
    if (!canEnter(data))
      throw new Error(`${data} belongs to another user. Start Parley as that user, or choose another DATA_DIR.`);
    const made = readFileSync(join(data, "PG_VERSION"), "utf8").trim();
    if (made !== String(binaries.major))
      throw new Error(
        `${data} was made by Postgres ${made}, but the one found here is ${binaries.major} (${binaries.bin}). Choose another DATA_DIR, or bring back Postgres ${made}.`,
      );
    await clearUp(data);
  } else {
    say(`Postgres ${binaries.major}: making the data folder ${data}`);
    initialise(data, binaries, options.durable, who);
  }

  const sockets = makeSocketDirectory(socketPrefix, who);
  removeAfterwards(sockets);
  const urlFor = (user: string, database: string) =>
    `postgres://${encodeURIComponent(user)}@localhost:5432/${encodeURIComponent(database)}?host=${encodeURIComponent(sockets)}`;
  const settings = [
    "listen_addresses=",
    `unix_socket_directories=${sockets}`,
    "unix_socket_permissions=0700",
    "port=5432",
    "max_connections=200",
    // Without fsync a crash of Postgres still loses nothing, a crash of the machine might.
    ...(options.durable ? [] : ["fsync=off", "full_page_writes=off"]),
  ].flatMap((setting) => ["-c", setting]);
  closeSync(openSync(log, "w"));
  let child: ChildProcess | undefined;
  const daemon = await startDaemon({
    name: "Postgres",
    prepare: () => endOrphans(data),
    spawn: () => {
      const output = openSync(log, "a");
      try {
        child = withReach(data, who, (path, extra) =>
          spawn(join(binaries.bin, "postgres"), ["-D", path, ...settings], {
            cwd: "/",
            env: environment(),
            detached: true,
            stdio: ["ignore", output, output, ...extra],
            ...who,
          }),
        );
        return child;
      } finally {
        closeSync(output);
      }
    },
    ready: async () => isReady(data, child?.pid),
    readyWithinMs: 60_000,
    endSignal: "SIGINT",
    patienceMs: 15_000,
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
    kill: async (signal) => {
      await daemon.kill(signal);
      await endOrphans(data);
    },
    force: daemon.force,
    stop: async () => {
      await daemon.stop();
      rmSync(sockets, { recursive: true, force: true });
    },
    urlFor,
    ownerUrl: urlFor("postgres", "parley"),
    appUrl: urlFor("parley_app", "parley"),
  };
};
