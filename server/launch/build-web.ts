import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { InlineConfig } from "vite";
import { checkout, compiled, spawnModule } from "./checkout.ts";
import type { Say } from "./daemon.ts";
import { inTurn } from "./lock.ts";
import { precompress } from "./precompress.ts";
import { unwatch, watch } from "./watchdog.ts";

/** Where the built front ends lie; the server serves them from here. */
export const webFolder = join(checkout, "dist", "web");

/** A folder of sources, the files that its build has to make, and the folders that hold nothing but what it makes. */
type FrontEnd = { name: string; folder: string; makes: string[]; owns: string[] };
const frontEnds: FrontEnd[] = [
  { name: "widget", folder: "widget-sdk", makes: ["widget.js", "demo/index.html"], owns: ["widget", "demo"] },
  { name: "desktop", folder: "agent-desktop", makes: ["desktop/index.html"], owns: ["desktop"] },
];

/** What a front end is made from: its own folder, the plain client and the contract, and the versions of its libraries. */
const sources = ({ folder }: FrontEnd): string[] =>
  [...new Set([folder, "widget-sdk", "server/contract"])]
    .flatMap((top) =>
      readdirSync(join(checkout, top), { recursive: true, encoding: "utf8" }).map((name) => join(checkout, top, name)),
    )
    .concat(join(checkout, "package-lock.json"))
    .filter((file) => !file.includes("node_modules") && statSync(file, { throwIfNoEntry: false })?.isFile())
    .toSorted();

/** Names, sizes and times of the sources: it changes with every edit, and with a file that goes away. */
const fingerprint = (frontEnd: FrontEnd): string => {
  const hash = createHash("sha256");
  for (const file of sources(frontEnd)) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(checkout, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
};

const stampFile = ({ name }: FrontEnd): string => join(webFolder, `.${name}.stamp`);

const isFresh = (frontEnd: FrontEnd): boolean =>
  frontEnd.makes.every((file) => existsSync(join(webFolder, file))) &&
  existsSync(stampFile(frontEnd)) &&
  readFileSync(stampFile(frontEnd), "utf8") === fingerprint(frontEnd);

const buildOne = async (frontEnd: FrontEnd, say: Say): Promise<void> => {
  const configFile = join(checkout, frontEnd.folder, "vite.config.ts");
  if (!existsSync(configFile)) throw new Error(`The ${frontEnd.name} can't be built: ${configFile} is missing.`);
  say(`web: building the ${frontEnd.name}`);
  // Taken before the build, so that an edit made meanwhile is noticed the next time.
  const stamp = fingerprint(frontEnd);
  const { build } = await import("vite");
  // A folder that needs several builds lists them as `builds`; else its one configuration stands by itself.
  const { builds } = (await import(pathToFileURL(configFile).href)) as { builds?: InlineConfig[] };
  const configs = builds?.map((config) => ({ ...config, configFile: false as const })) ?? [{ configFile }];
  // Parts carry a hash in their names, so those of earlier builds would pile up.
  for (const owned of frontEnd.owns) rmSync(join(webFolder, owned), { recursive: true, force: true });
  for (const config of configs) await build({ root: dirname(configFile), logLevel: "warn", ...config });
  const missing = frontEnd.makes.filter((file) => !existsSync(join(webFolder, file)));
  if (missing.length > 0) throw new Error(`The ${frontEnd.name}'s build did not make ${missing.join(" and ")}.`);
  precompress(webFolder);
  writeFileSync(stampFile(frontEnd), stamp);
};

const present = () => frontEnds.filter(({ folder }) => !compiled && existsSync(join(checkout, folder)));

/** Builds all front ends, or only those that are missing or older than their sources. One builder per checkout at a time. */
const buildWeb = async (say: Say, onlyStale: boolean): Promise<void> => {
  mkdirSync(webFolder, { recursive: true });
  await inTurn(
    join(webFolder, ".lock"),
    (holder) => say(`web: waiting for another build (pid ${holder.pid})`),
    async () => {
      for (const frontEnd of present()) if (!onlyStale || !isFresh(frontEnd)) await buildOne(frontEnd, say);
    },
  );
};

/**
 * Sees to it that the front ends are built from the sources as they are; where we run from `dist`, or no sources came
 * along, what is there is kept. In a process of its own: a bundler takes much memory and sets NODE_ENV for all that follows.
 */
export const ensureWeb = async (say: Say): Promise<void> => {
  if (present().every(isFresh)) return;
  const builder = spawnModule("server/launch/build-web", ["--stale"], {
    stdio: ["ignore", "pipe", "pipe"],
    // React's development build must not stay behind in `dist` because a test run or a shell asked for one.
    env: { ...process.env, NODE_ENV: "production" },
  });
  if (builder.pid) watch(builder.pid, "first", "SIGTERM");
  let complaints = "";
  builder.stderr?.on("data", (data: Buffer) => (complaints += data.toString()));
  builder.stdout?.on("data", (data: Buffer) => data.toString().trim().split("\n").forEach(say));
  const [code] = (await once(builder, "close")) as [number | null];
  if (builder.pid) unwatch(builder.pid);
  if (code !== 0) throw new Error(`The web pages could not be built.\n${complaints.trim()}`);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { stale: { type: "boolean", default: false } } });
  try {
    await buildWeb((line) => console.log(line), values.stale);
    console.log(`web: built into ${relative(process.cwd(), webFolder)}`);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
