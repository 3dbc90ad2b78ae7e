import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { checkout } from "./checkout.ts";
import type { Say } from "./daemon.ts";
import { removeAfterwards } from "./watchdog.ts";

/** A server program and what has to be added to its environment. */
export type RedisProgram = { command: string; env: NodeJS.ProcessEnv };
/** A container of a running Docker engine stands in where no program does. */
export type RedisSource = RedisProgram | "docker";

const oldestMajor = 7;
const names = ["redis-server", "valkey-server"];

type Outcome = { ok: boolean; output: string };
const run = (
  command: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; timeout?: number } = {},
): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(
      command,
      args,
      { timeout: 120_000, maxBuffer: 1 << 24, encoding: "utf8", ...options },
      (error, stdout, stderr) =>
        resolve({ ok: error === null, output: `${stdout}${stderr}` || String(error?.message) }),
    );
  });

/** Undefined when the program runs and is young enough for sharded publish/subscribe; else why not. */
const refusal = async ({ command, env }: RedisProgram): Promise<string | undefined> => {
  const { output } = await run(command, ["--version"], { env: { ...process.env, ...env } });
  const version = /v=((\d+)[\d.]*)/u.exec(output);
  if (!version) return `${command} does not run here: ${output.trim()}`;
  return Number(version[2]) < oldestMajor
    ? `${command} is version ${version[1]}; Parley needs ${oldestMajor}`
    : undefined;
};

const installed = (): RedisProgram[] =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .filter((command) => existsSync(command))
    .map((command) => ({ command, env: {} }));

/** What a Debian package unpacked into `root` can be started with, when it holds a server at all. */
const unpacked = (root: string): RedisProgram | undefined => {
  const command = names.map((name) => join(root, "usr/bin", name)).find((path) => existsSync(path));
  if (!command) return undefined;
  const folders = ["usr/lib", "lib"].map((folder) => join(root, folder)).filter((folder) => existsSync(folder));
  const libraries = folders.flatMap((folder) => [folder, ...readdirSync(folder).map((name) => join(folder, name))]);
  return { command, env: { LD_LIBRARY_PATH: libraries.join(":") } };
};

/** The folder for what is fetched: in the checkout when it is ours to write, else where caches go. */
const cacheFolder = (): string => {
  for (const folder of [
    join(checkout, ".cache"),
    join(homedir(), ".cache", "parley"),
    join(tmpdir(), "parley-cache"),
  ]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o755 });
      accessSync(folder, constants.W_OK);
      return folder;
    } catch {
      // Not writable: the next one.
    }
  }
  throw new Error("found no writable folder for a download");
};

/** Fetches and unpacks Debian's package of a server with what it needs, without installing anything and without root. */
const fetchDebian = async (into: string, say: Say): Promise<void> => {
  const work = mkdtempSync(`${into}-`);
  removeAfterwards(work);
  try {
    for (const folder of ["lists/partial", "cache/archives/partial", "debs", "root"])
      mkdirSync(join(work, folder), { recursive: true });
    const common = [
      "-o",
      `Dir::Cache=${join(work, "cache")}`,
      "-o",
      "Acquire::http::Timeout=15",
      "-o",
      "Acquire::Retries=1",
    ];
    // apt would hand the download to a user of its own, who may not be able to enter this folder.
    common.push("-o", "APT::Sandbox::User=root", "-o", "Debug::NoLocking=true");
    const own = ["-o", `Dir::State::lists=${join(work, "lists")}`];
    const env = { ...process.env, LC_ALL: "C" };
    const attempt = async (name: string, options: string[]): Promise<Outcome> => {
      const plan = await run("apt-get", [...options, "--simulate", "--no-install-recommends", "install", name], {
        env,
      });
      // `Inst name (version …)` is new here; `Inst name [old] (version …)` would replace a library the system already has.
      const packages = [...plan.output.matchAll(/^Inst (\S+) \(/gmu)].map((match) => match[1] as string);
      if (!plan.ok || packages.length === 0) return { ok: false, output: plan.output };
      return run("apt-get", [...options, "download", ...packages], { env, cwd: join(work, "debs") });
    };
    const attemptAll = async (options: string[]): Promise<Outcome> => {
      const first = await attempt("redis-server", options);
      return first.ok ? first : attempt("valkey-server", options);
    };
    say("Redis: fetching it from this system's package archive, into a folder of Parley's own");
    let fetched = await attemptAll(common);
    if (!fetched.ok) {
      // The system's lists of packages are absent, as in most containers, or out of date: read them into our own folder.
      await run("apt-get", [...common, ...own, "update"], { env });
      fetched = await attemptAll([...common, ...own]);
    }
    if (!fetched.ok) throw new Error(`apt-get could not fetch it: ${fetched.output.trim().split("\n").at(-1)}`);
    for (const file of readdirSync(join(work, "debs"))) {
      const { ok, output } = await run("dpkg-deb", ["-x", join(work, "debs", file), join(work, "root")]);
      if (!ok) throw new Error(`dpkg-deb could not unpack ${file}: ${output.trim()}`);
    }
    rmSync(into, { recursive: true, force: true });
    // Fails when another start has put its own there in the meantime, which is as good.
    try {
      renameSync(join(work, "root"), into);
    } catch (error) {
      if (!existsSync(into)) throw error;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};

const fetched = async (say: Say): Promise<RedisProgram | string> => {
  if (process.platform !== "linux") return "no package archive to fetch it from";
  const into = join(cacheFolder(), `redis-${process.arch}`);
  const cached = unpacked(into);
  if (cached && (await refusal(cached)) === undefined) return cached;
  if (!(await run("apt-get", ["--version"])).ok) return "no apt-get to fetch it with";
  await fetchDebian(into, say);
  const program = unpacked(into);
  return program ?? "the package holds no server";
};

const installCommand = (): string => {
  if (process.platform === "darwin") return "brew install redis";
  const managers = { "apt-get": "redis-server", apk: "redis", dnf: "valkey", pacman: "valkey", zypper: "valkey" };
  const have = (name: string) =>
    (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, name)));
  const [manager, name] = Object.entries(managers).find(([manager]) => have(manager)) ?? ["apt-get", "redis-server"];
  const verb = { apk: "add", pacman: "-S" }[manager] ?? "install";
  return `sudo ${manager} ${verb} ${name}`;
};

/** Finds a Redis or Valkey: on PATH, fetched before, from Debian's archive, in Docker. Throws one error that says how to get one. */
export const findRedis = async (say: Say): Promise<RedisSource> => {
  const refusals: string[] = [];
  for (const program of installed()) {
    const why = await refusal(program);
    if (why === undefined) return program;
    refusals.push(why);
  }
  try {
    const program = await fetched(say);
    const why = typeof program === "string" ? program : await refusal(program);
    if (typeof program !== "string" && why === undefined) return program;
    refusals.push(`fetching: ${why}`);
  } catch (error) {
    refusals.push(`fetching: ${(error as Error).message}`);
  }
  const engine = await run("docker", ["info", "--format", "{{.ServerVersion}}"], { timeout: 10_000 });
  if (engine.ok) return "docker";
  refusals.push("Docker: no engine runs");
  throw new Error(
    `Found no Redis 7 (or Valkey) that runs here.\n${refusals.map((why) => `  - ${why}`).join("\n")}\n` +
      `Install one: \`${installCommand()}\`, or set REDIS_URL to one that runs elsewhere.`,
  );
};
