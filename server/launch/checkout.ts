import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = fileURLToPath(import.meta.url);

/** The folder that holds package.json, whether we run from the sources or from `dist`. */
export const checkout = ((): string => {
  for (let folder = dirname(here); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) throw new Error(`Found no package.json above ${here}`);
  }
})();

const extension = extname(here);

/** Whether we run from `dist` rather than from the sources. */
export const compiled = extension === ".js";

/** A module of ours by its path from the top, e.g. `modulePath("workers/index")`, in the sources or in `dist`, where we are. */
export const modulePath = (name: string): string => join(dirname(here), "..", "..", `${name}${extension}`);

/** Starts a module of ours in a process of its own, as it has to be started where we run: through tsx, or compiled. */
export const spawnModule = (
  name: string,
  args: string[],
  options: SpawnOptions,
  moreFlags: string[] = [],
): ChildProcess => {
  const flags = compiled
    ? ["--enable-source-maps"]
    : ["--import", pathToFileURL(createRequire(here).resolve("tsx")).href];
  return spawn(process.execPath, [...moreFlags, ...flags, modulePath(name), ...args], options);
};
