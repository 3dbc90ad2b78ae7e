import { Redis } from "ioredis";
import { beforeAll, inject } from "vitest";
import { createApp } from "../../server/app.ts";
import type { App } from "../../server/app.ts";
import { readConfig } from "../../server/config.ts";
import { createDeps } from "../../server/deps.ts";
import { collectEnds, gatherCompany, withTest } from "./company.ts";
import type { AtEnd, Company } from "./company.ts";
import { testSettings } from "./nodes.ts";
import { copyDatabase } from "./services.ts";

/** One node inside the test's own process: fast to start, and open to a look at its parts. */
export type TestApp = Company & { app: App };

/**
 * What an address or a person has used up is kept in the run's Redis, so a test of limits would stand at the mercy of all tests
 * before it: its node gets a database that nobody has used.
 */
const unusedDatabase = async (redisUrl: string): Promise<string> => {
  const redis = new Redis(redisUrl);
  try {
    return `${redisUrl}/${await redis.incr("parley-test:databases")}`;
  } finally {
    redis.disconnect();
  }
};

const start = async (env: Record<string, string>, atEnd: AtEnd): Promise<TestApp> => {
  const { ownerUrl, appUrl, redisUrl } = inject("services");
  const database = await copyDatabase({ ownerUrl, appUrl });
  atEnd(database.drop);
  const isLimited = Number(env["RATE_LIMIT_FACTOR"] ?? Infinity) <= 1;
  const config = readConfig({
    ...testSettings,
    LOG_LEVEL: "fatal",
    ...env,
    PORT: "0",
    DATABASE_URL: database.ownerUrl,
    DATABASE_APP_URL: database.appUrl,
    REDIS_URL: isLimited ? await unusedDatabase(redisUrl) : redisUrl,
  });
  const app = createApp(createDeps(config));
  atEnd(() => app.close({ drainSeconds: 0 }));
  const port = await app.listen();
  return { app, ...gatherCompany(`http://127.0.0.1:${port}`, database.superuser, atEnd) };
};

/** A node for one test, on a database of its own and the run's Redis; gone when the test ends. */
export const startApp = (env: Record<string, string> = {}): Promise<TestApp> => start(env, withTest);

/** The same for all tests of a `describe` or a file: call it there, and the answer within its tests. */
export const useApp = (env: Record<string, string> = {}): (() => TestApp) => {
  let started: TestApp | undefined;
  beforeAll(async () => {
    const { atEnd, end } = collectEnds();
    started = await start(env, atEnd);
    return end;
  });
  return () => {
    if (!started) throw new Error("The app is started in a hook, so only tests may ask for it");
    return started;
  };
};
