import { accessSync, constants, mkdirSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { migrate } from "../../db/migrate.ts";
import { demoOrigins, demoPassword, seed } from "../../db/seed.ts";
import { type Config, configOrExit, readEnvironment } from "../config.ts";
import { ensureWeb } from "./build-web.ts";
import type { Daemon, Say } from "./daemon.ts";
import { freePort, tryPort } from "./free-port.ts";
import { type Lock, isHolder, takeLock } from "./lock.ts";
import { followParent } from "./parent.ts";
import { reachableAt } from "./processes.ts";
import { startServices } from "./services.ts";

/** What a command gets to start its processes with. */
export type Stage = { config: Config; env: NodeJS.ProcessEnv; port: number; url: string; logs: string; say: Say };
/** What it started: the processes, which end together, and what lies in front of them, which ends first. */
export type Cast = { processes: Daemon[]; front?: { close: () => Promise<void> }; about?: string[] };

const say: Say = (line) => console.log(line);

const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};

/** Whether nobody else can reach what listens at this address. */
const isThisMachine = (host: string): boolean => /^(?:localhost|::1|127(?:\.\d{1,3}){3})$/u.test(host);

const oneKeyPressMs = 1_000;

/** What stands in for what will be started, so that a configuration is judged before anything is. */
const placeholders = {
  DATABASE_URL: "postgres://embedded/parley",
  REDIS_URL: "redis://embedded",
  AUTH_SECRETS: "-".repeat(32),
};

const readSettings = () => {
  const env = { ...readEnvironment() };
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  return { env, config: configOrExit({ ...placeholders, ...given }) };
};

/** Takes the data folder, or says who has it and ends: the same command at the same port has nothing left to do. */
const takeFolder = (command: string, config: Config): Lock => {
  const folder = resolve(config.DATA_DIR);
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    fail(`The data folder ${folder} can't be used: ${(error as Error).message}. Choose another with DATA_DIR.`);
  }
  const taken = takeLock(join(folder, "running.json"), { command, port: config.PORT });
  if (!isHolder(taken)) return taken;
  const { pid, note } = taken;
  const state = note.url
    ? `Parley already runs here (${note.command as string}, pid ${pid}): ${note.url as string}`
    : `Parley is already starting here (pid ${pid}).`;
  if (note.command === command && note.port === config.PORT) {
    say(state);
    process.exit(0);
  }
  return fail(`${state}\nStop it first, or run a second one beside it with a DATA_DIR and a PORT of its own.`);
};

const choosePort = async (config: Config): Promise<number> => {
  if (config.PORT === 0) return freePort();
  const found = await tryPort(config.PORT, config.HOST);
  if (typeof found === "number") return found;
  const why =
    { EADDRINUSE: "is in use", EACCES: "needs more rights than this user has" }[found] ?? `can't be used: ${found}`;
  return fail(
    `Port ${config.PORT} on ${config.HOST} ${why}. Stop what listens there, or choose another port: PORT=${config.PORT + 1} npm start`,
  );
};

const logins = [
  ["admin@acme.test, manager@acme.test", "run the workspace Acme"],
  ["agent@acme.test, agent2@acme.test", "answer for Acme, where the demo shop's visitors arrive"],
  ["admin@globex.test, agent@globex.test", "another workspace, Globex"],
  ["root@parley.test", "Parley's own staff: all workspaces"],
] as const;

const welcome = (url: string, demo: boolean, sendsMail: boolean): string[] => [
  "",
  "Parley is ready.",
  "",
  ...(demo ? [`  The demo shop, as a visitor   ${url}/demo`] : []),
  `  The agent desktop             ${url}/desktop`,
  `  The API and its tour          ${url}/api/docs`,
  ...(demo && !sendsMail ? [`  Mails that would be sent      ${url}/outbox`] : []),
  ...(demo
    ? [
        "",
        `  Sign in with the password ${demoPassword}:`,
        ...logins.map(([who, what]) => `    ${who.padEnd(38)}${what}`),
      ]
    : []),
];

/**
 * The course of `npm start` and `npm run cluster`: settings, the data folder, the port; then services, web pages,
 * migrations and demo data; then what `cast` starts; and on SIGINT, SIGTERM or SIGHUP, or when npm is killed, all of it
 * ends in the reverse order. A second Ctrl-C does not wait for processes to drain.
 */
export const launch = async (command: string, cast: (stage: Stage) => Promise<Cast>): Promise<void> => {
  // Who reads our output may go before we do, and that must not cut an ordered end short.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const { env, config } = readSettings();
  const wantsDemo = env.DATABASE_URL ? config.DEMO : env.DEMO !== "false";
  if (wantsDemo && !isThisMachine(config.HOST))
    fail(
      `HOST=${config.HOST} would offer the demo logins, whose password everybody knows, to the whole network. Start with DEMO=false, or leave HOST away to be reached from this machine only.`,
    );
  const lock = takeFolder(command, config);
  process.once("exit", lock.release);
  const port = await choosePort(config);

  // Until all is up a signal ends us at once, and the watchdog what we have started.
  let end: (signal: string) => void = (signal) => process.exit(signal === "SIGINT" ? 130 : 143);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => end(signal));
  followParent(env, () => end("SIGHUP"));

  try {
    const [services] = await Promise.all([startServices({ env, say }), ensureWeb(say)]);
    const { postgres, redis } = services;
    if (postgres) say(`Postgres is ready (${relative(process.cwd(), join(config.DATA_DIR, "postgres")) || "."})`);
    if (redis) say("Redis is ready");
    await migrate(services.env.DATABASE_URL, say).catch((error: NodeJS.ErrnoException) => {
      throw new Error(`The database could not be prepared: ${error.message || error.code}`, { cause: error });
    });
    const demo = wantsDemo;
    if (demo) await seed(services.env.DATABASE_URL, { origins: demoOrigins(port, config.PUBLIC_URL) });
    const logs = resolve(config.DATA_DIR, "logs");
    const url =
      config.PUBLIC_URL?.replace(/\/$/u, "") ??
      `http://${reachableAt(config.HOST).replace("127.0.0.1", "localhost")}:${port}`;
    const stage = { ...services.env, DEMO: String(demo), HOST: config.HOST };
    const { processes, front, about = [] } = await cast({ config, env: stage, port, url, logs, say });

    let endingSince: number | undefined;
    const stop = async () => {
      say("\nStopping; once more to stop without waiting.");
      await front?.close();
      await Promise.all(processes.map((each) => each.stop()));
      await services.stop();
      say("Stopped.");
      process.exit(0);
    };
    end = () => {
      if (endingSince === undefined) {
        endingSince = Date.now();
        void stop();
        // One Ctrl-C arrives several times: from the terminal, and passed on by npm and by the loader.
      } else if (Date.now() - endingSince > oneKeyPressMs) for (const each of processes) each.force();
    };
    lock.update({ command, port: config.PORT, url });
    for (const line of [
      ...welcome(url, demo, config.SMTP_URL !== undefined),
      "",
      ...about,
      `  Logs: ${relative(process.cwd(), logs)}   Stop: Ctrl-C`,
    ])
      say(line);
    // What runs is unreferenced, so that nothing else keeps a command that has failed from ending.
    setInterval(() => {}, 1 << 30);
  } catch (error) {
    fail(`Parley could not start. ${(error as Error).message}`);
  }
};
