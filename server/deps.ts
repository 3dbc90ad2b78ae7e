import pino, { type Logger } from "pino";
import { createDirectory, type Directory } from "../db/directory.ts";
import { createTenancy, type Tenancy } from "../db/tenancy.ts";
import { type AddressOf, createAddressOf } from "./client-address.ts";
import type { Config } from "./config.ts";
import { redact } from "./features/audit-event/redact.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { createReadBudget, type ReadBudget } from "./read-budget.ts";
import { connectRedis, type RedisClients } from "./redis.ts";
import { createSharedLimits, type SharedLimits } from "./shared-limits.ts";
import { createTokens, type Tokens } from "./tokens.ts";

/** What a process is built from: made once, passed in. */
export type Deps = {
  config: Config;
  tenancy: Tenancy;
  directory: Directory;
  redis: RedisClients;
  tokens: Tokens;
  /** The one reading of a client's address, for requests and sockets alike. */
  addressOf: AddressOf;
  sharedLimits: SharedLimits;
  log: Logger;
  metrics: Metrics;
  readBudget: ReadBudget;
};

/** Opens what a process needs. Nothing here waits: a database or Redis that is away is met where it is asked. */
export const createDeps = (config: Config): Deps => {
  const log = pino({
    level: config.LOG_LEVEL,
    base: { node: config.NODE_NAME },
    // Nothing is meant to log secrets; one that something logs all the same does not leave the process.
    formatters: { log: (line) => redact(line) as Record<string, unknown> },
    // Postgres prints values of the failed statement in `detail` and `where`; words of people stay out of logs.
    serializers: {
      err: (error: Error & { code?: string; cause?: { code?: string; message?: string } }) => ({
        type: error.name,
        message: error.message.startsWith("Failed query") ? "Failed query" : error.message,
        code: error.code ?? error.cause?.code,
        cause: error.cause?.message,
        stack: error.message.startsWith("Failed query") ? undefined : error.stack,
      }),
    },
  });
  const tenancy = createTenancy({
    ownerUrl: config.DATABASE_URL,
    appUrl: config.DATABASE_APP_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    name: `parley ${config.NODE_NAME}`,
    onError: (error) => log.warn({ err: error }, "an idle database connection was lost"),
  });
  const redis = connectRedis(config, log);
  return {
    config,
    tenancy,
    // The directory lives in the one database that every tenant could be asked from.
    directory: createDirectory(tenancy.databases()[0]!),
    redis,
    tokens: createTokens(config),
    addressOf: createAddressOf(config, log),
    sharedLimits: createSharedLimits(redis, config),
    log,
    metrics: createMetrics(),
    readBudget: createReadBudget(config.RATE_LIMIT_FACTOR),
  };
};

/** Closes what `createDeps` opened. */
export const closeDeps = async (deps: Deps): Promise<void> => {
  // What is still under way may tell others what it did.
  await deps.tenancy.close();
  await deps.redis.close();
};
