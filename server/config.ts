import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { resolve } from "node:path";
import * as v from "valibot";

const wholeNumber = (least: number, most: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d+$/u, "must be a whole number"),
    v.transform(Number),
    v.minValue(least),
    v.maxValue(most),
  );
const url = (...protocols: string[]) =>
  v.pipe(
    v.string(),
    v.check(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol),
      `must be a ${protocols.join(" or ")}… URL`,
    ),
  );
const flag = v.pipe(
  v.picklist(["true", "false"], "must be true or false"),
  v.transform((value) => value === "true"),
);

/** One setting: how its text is read, what stands when it is absent (undefined: it must be given), what it is for. */
type Setting = { schema: v.GenericSchema<string, any>; fallback?: string; optional?: true; about: string };
const setting = <S extends v.GenericSchema<string, any>>(schema: S, fallback: string, about: string) => ({
  schema,
  fallback,
  about,
});
const optional = <S extends v.GenericSchema<string, any>>(schema: S, about: string) => ({
  schema,
  optional: true as const,
  about,
});
const required = <S extends v.GenericSchema<string, any>>(schema: S, about: string) => ({ schema, about });

/** Every environment variable Parley reads. `.env.example` and the README's table are checked against it. */
export const settings = {
  DATABASE_URL: required(
    url("postgres:", "postgresql:"),
    "Postgres 15 or later. `npm start` brings its own when this is absent. Runs migrations, so it must own its database.",
  ),
  DATABASE_APP_URL: optional(
    url("postgres:", "postgresql:"),
    "The application's own login, a member of nothing but `parley_app`. Absent: DATABASE_URL is used and every connection steps down to `parley_app`.",
  ),
  REDIS_URL: required(
    url("redis:", "rediss:", "unix:"),
    "Redis 7 or Valkey. `npm start` brings its own when this is absent.",
  ),
  AUTH_SECRETS: required(
    v.pipe(
      v.string(),
      v.transform((list) => list.split(",").map((secret) => secret.trim())),
      v.check((list) => list.every((secret) => secret.length >= 32), "each secret needs at least 32 characters"),
    ),
    "Comma-separated secrets that sign tokens. The first signs, all verify: put a new one in front to rotate. Absent outside production: one is made and kept in DATA_DIR.",
  ),
  PORT: setting(wholeNumber(0, 65_535), "3000", "Where HTTP and WebSocket are served."),
  HOST: setting(
    v.pipe(v.string(), v.minLength(1)),
    "127.0.0.1",
    "The address to listen on; 0.0.0.0 inside a container.",
  ),
  PUBLIC_URL: optional(
    url("http:", "https:"),
    "The address people use, where it differs from HOST and PORT. Its origin may always use the API; https makes cookies `Secure`.",
  ),
  NODE_NAME: setting(
    v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
    `${hostname().slice(0, 50)}-${process.pid}`,
    "This node's name in logs and metrics. Default: host name and process id.",
  ),
  DATA_DIR: setting(
    v.pipe(v.string(), v.minLength(1)),
    ".parley",
    "Where `npm start` keeps its Postgres, Redis and secrets.",
  ),
  ADAPTER: setting(
    v.picklist(["sharded", "streams", "classic"]),
    "sharded",
    "The Socket.IO adapter between nodes: `sharded`, `streams` or `classic`.",
  ),
  DATABASE_POOL_SIZE: setting(
    wholeNumber(2, 200),
    "10",
    "Postgres connections per node for transactions; reading has 40% as many of its own, single statements six.",
  ),
  ACCESS_TOKEN_SECONDS: setting(wholeNumber(1, 3600), "900", "How long an access token lives."),
  SESSION_GRACE_SECONDS: setting(
    wholeNumber(0, 300),
    "30",
    "How long a socket lives on after its access token ran out.",
  ),
  SESSION_CHECK_SECONDS: setting(
    wholeNumber(1, 30),
    "15",
    "How often a node checks that the sessions of its sockets still stand.",
  ),
  HEAL_INTERVAL_MS: setting(
    wholeNumber(100, 60_000),
    "2000",
    "How often a node tells its sockets the heads of recently changed conversations.",
  ),
  PRESENCE_LEASE_MS: setting(
    wholeNumber(1_000, 60_000),
    "10000",
    "How long people count as present without a sign of life from their node; renewed four times in that time.",
  ),
  PRESENCE_GRACE_MS: setting(
    wholeNumber(0, 60_000),
    "6000",
    "How long an agent stays present after their last socket closed; absorbs a page reload.",
  ),
  PING_INTERVAL_MS: setting(wholeNumber(100, 60_000), "10000", "Socket heartbeat."),
  PING_TIMEOUT_MS: setting(
    wholeNumber(100, 60_000),
    "10000",
    "A socket that misses a heartbeat for this long is closed.",
  ),
  DRAIN_SECONDS: setting(
    wholeNumber(0, 300),
    "10",
    "On SIGTERM clients are moved to other nodes, spread over this time.",
  ),
  SOCKET_BUFFER_BYTES: setting(
    wholeNumber(65_536, 67_108_864),
    "1048576",
    "A socket that lets more than this wait is closed; it catches up when it is back.",
  ),
  HANDOVER_GRACE_SECONDS: setting(
    wholeNumber(0, 3_600),
    "45",
    "How long an agent who is gone keeps the conversations they hold before these are routed again.",
  ),
  REPLY_MAIL_SECONDS: setting(
    wholeNumber(0, 86_400),
    "300",
    "How long a reply waits to be read before it is mailed to a contact who left an address.",
  ),
  BASE_DOMAIN: optional(
    v.pipe(v.string(), v.toLowerCase(), v.regex(/^[a-z0-9.-]+$/u, "must be a host name")),
    "The domain whose subdomains are workspaces: with `parley.example`, `acme.parley.example` is the workspace `acme`.",
  ),
  DNS_SERVERS: optional(
    v.pipe(
      v.string(),
      v.transform((list) => list.split(",").map((server) => server.trim())),
      v.check(
        (list) => list.every((server) => /^(?:[\d.]+|\[[\da-f:]+\])(?::\d{1,5})?$/iu.test(server)),
        "must be addresses such as 9.9.9.9 or [2620:fe::fe]:53",
      ),
    ),
    "Comma-separated name servers that are asked for the records of workspaces' own domains. Absent: the system's.",
  ),
  SMTP_URL: optional(
    url("smtp:", "smtps:"),
    "The mail server, such as smtps://user:password@mail.example. Absent: nothing is sent; mails can be read at /outbox where DEMO is true.",
  ),
  MAIL_FROM: setting(
    v.pipe(v.string(), v.minLength(3), v.maxLength(300)),
    "Parley <parley@localhost>",
    "The sender of mails.",
  ),
  RATE_LIMIT_FACTOR: setting(
    v.pipe(v.string(), v.regex(/^\d+(\.\d+)?$/u, "must be a number"), v.transform(Number)),
    "1",
    "Multiplies every rate limit; load tests raise it.",
  ),
  TRUSTED_PROXIES: setting(
    wholeNumber(0, 10),
    "0",
    "How many proxies in front append to X-Forwarded-For, and may be believed about the client's address.",
  ),
  METRICS_TOKEN: optional(
    v.pipe(v.string(), v.minLength(16, "must have at least 16 characters")),
    "What Prometheus shows as a bearer token to read /metrics. Absent: only this machine itself may read it.",
  ),
  LOG_LEVEL: setting(v.picklist(["fatal", "error", "warn", "info", "debug", "silent"]), "info", "What is logged."),
  DEMO: setting(
    flag,
    "false",
    "Serve the demo shop at /demo, and to this machine alone the mails at /outbox. `npm start` sets it.",
  ),
  FAILPOINTS: setting(
    v.string(),
    "",
    "For tests: comma-separated `name` or `name:count`; the process kills itself when it reaches that point.",
  ),
} satisfies Record<string, Setting>;

type Settings = typeof settings;
export type Config = {
  readonly [K in keyof Settings]: Settings[K] extends { optional: true }
    ? v.InferOutput<Settings[K]["schema"]> | undefined
    : v.InferOutput<Settings[K]["schema"]>;
};

/** All that is wrong with the environment, one line each. */
export class ConfigError extends Error {
  readonly mistakes: string[];

  constructor(mistakes: string[]) {
    super(
      `The configuration has ${mistakes.length} mistake${mistakes.length === 1 ? "" : "s"}:\n${mistakes.map((m) => `  - ${m}`).join("\n")}`,
    );
    this.name = "ConfigError";
    this.mistakes = mistakes;
  }
}

type SettingName = keyof Settings;
const settingNames = Object.keys(settings) as SettingName[];

/**
 * Reads settings from `env`, all or the `only` ones a command needs. Throws ConfigError listing every mistake; values are
 * named, never printed: they may be secrets.
 */
export const readConfig = <K extends SettingName = SettingName>(
  env: NodeJS.ProcessEnv,
  only: readonly K[] = settingNames as K[],
): Pick<Config, K> => {
  const mistakes: string[] = [];
  const config: Record<string, unknown> = {};
  for (const name of only) {
    const { schema, fallback, optional: mayMiss } = settings[name] as Setting;
    const text = env[name] || fallback;
    if (text === undefined) {
      if (!mayMiss) mistakes.push(`${name} is missing`);
      continue;
    }
    const result = v.safeParse(schema, text, { abortEarly: true });
    if (result.success) config[name] = result.output;
    else mistakes.push(`${name}: ${result.issues[0].message.replace(/ but received .*/u, "")}`);
  }
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  return config as Pick<Config, K>;
};

/** The process's environment with a `.env` file beneath it, as the commands use it. */
export const readEnvironment = (): NodeJS.ProcessEnv => {
  const file = resolve(".env");
  if (existsSync(file)) process.loadEnvFile(file);
  return process.env;
};

/** The configuration, or every mistake on stderr and exit code 2. */
export const configOrExit = <K extends SettingName = SettingName>(
  env: NodeJS.ProcessEnv = readEnvironment(),
  only?: readonly K[],
): Pick<Config, K> => {
  try {
    return readConfig(env, only);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
};

/** `.env.example`, made from the table above. */
export const exampleEnvironment = (): string =>
  `${Object.entries(settings as Record<string, Setting>)
    .map(([name, { about, fallback }]) => `# ${about}\n#${name}=${name === "NODE_NAME" ? "" : (fallback ?? "")}`)
    .join("\n\n")}\n`;
