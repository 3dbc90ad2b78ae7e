import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const names = [
  "chromium-headless-shell",
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const succeeds = (promise: Promise<unknown>): Promise<boolean> =>
  promise.then(
    () => true,
    () => false,
  );
const mayRun = (file: string) => succeeds(access(file, constants.X_OK));

/** Whether the file starts: on Ubuntu a `chromium` on PATH may be no more than advice to install a snap. */
const starts = async (file: string) =>
  (await mayRun(file)) && succeeds(run(file, ["--no-sandbox", "--version"], { timeout: 30_000 }));

const lookUp = async (): Promise<string | undefined> => {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  for (const name of names)
    for (const file of isAbsolute(name) ? [name] : folders.map((folder) => join(folder, name)))
      if (await starts(file)) return file;
  return undefined;
};

/** One apt-get at a time on this machine: a second caller waits, and then finds the package installed. */
const aptGet = (...args: string[]) =>
  run("flock", ["/tmp/parley-apt-get.lock", "apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=300", ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    maxBuffer: 1 << 26,
  });

/**
 * Installs the first package that can be had, with a font, since text without one has no size to click on. The lists
 * are fetched when they are missing or too old to install from.
 */
const install = async (): Promise<void> => {
  const packages = ["chromium-headless-shell", "chromium"];
  process.stderr.write("No Chromium found, installing one with apt-get for the browser tests…\n");
  const failures: string[] = [];
  for (const freshen of [false, true]) {
    if (freshen) await aptGet("update");
    for (const name of packages) {
      try {
        await aptGet("install", "--no-install-recommends", name, "fonts-liberation");
        return;
      } catch (error) {
        failures.push(`apt-get install ${name}: ${(error as { stderr?: string }).stderr?.trim() ?? String(error)}`);
      }
    }
  }
  throw new Error(failures.slice(-packages.length).join("\n"));
};

const howTo =
  "The browser tests need Chromium or Chrome. Install one (on Debian: apt-get install chromium-headless-shell), or set CHROMIUM_PATH to its executable.";

const find = async (): Promise<string> => {
  const given = process.env.CHROMIUM_PATH;
  if (given) {
    if (await starts(given)) return given;
    throw new Error(`CHROMIUM_PATH is ${given}, which does not start. ${howTo}`);
  }
  const found = await lookUp();
  if (found) return found;
  if (process.getuid?.() !== 0 || !(await mayRun("/usr/bin/apt-get"))) throw new Error(howTo);
  try {
    await install();
  } catch (error) {
    throw new Error(`${howTo} Installing it failed:\n${(error as Error).message}`, { cause: error });
  }
  const installed = await lookUp();
  if (!installed) throw new Error(`${howTo} What apt-get installed does not start.`);
  return installed;
};

let finding: Promise<string> | undefined;

/**
 * The path of a Chromium that starts: CHROMIUM_PATH, else one on PATH, else, as root on Debian or Ubuntu, one that is
 * installed now. Rejects with one message that says what to install. Later calls return the first one's answer.
 */
export const findChromium = (): Promise<string> => (finding ??= find());
