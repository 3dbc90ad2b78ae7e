import { join, resolve } from "node:path";
import { Redis } from "ioredis";
import type { Say } from "./daemon.ts";
import { type EmbeddedPostgres, startPostgres } from "./postgres.ts";
import { type EmbeddedRedis, startRedis } from "./redis.ts";
import { keptSecret } from "./secrets.ts";

/** Throws a sentence when nothing answers at REDIS_URL: better here than in the log of every node. */
const checkRedis = async (url: string): Promise<undefined> => {
  const client = new Redis(url.replace(/^unix:\/\//u, ""), {
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 5_000,
  });
  let reason = "";
  client.on("error", (error: NodeJS.ErrnoException) => (reason ||= error.message || (error.code ?? "")));
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    throw new Error(`Redis does not answer at REDIS_URL: ${reason || (error as Error).message}`, { cause: error });
  } finally {
    client.disconnect();
  }
};

/** What nodes and workers stand on. */
export type Services = {
  /** `env` with DATABASE_URL, DATABASE_APP_URL, REDIS_URL and AUTH_SECRETS filled in. */
  env: NodeJS.ProcessEnv & { DATABASE_URL: string; REDIS_URL: string; AUTH_SECRETS: string };
  /** Absent where DATABASE_URL was given. */
  postgres?: EmbeddedPostgres;
  /** Absent where REDIS_URL was given. */
  redis?: EmbeddedRedis;
  stop: () => Promise<void>;
};

export type ServicesOptions = {
  /** DATA_DIR, DATABASE_URL, DATABASE_APP_URL, REDIS_URL and AUTH_SECRETS are read from it. */
  env: NodeJS.ProcessEnv;
  say: Say;
  /** Default true; see PostgresOptions and RedisOptions. */
  durable?: boolean;
  /** Bring back what ends by itself. Default true. */
  restart?: boolean;
};

/**
 * Starts what `env` does not name: a Postgres and a Redis with their data under DATA_DIR, and a secret kept there.
 * Resolves when both can be used. When one can't start, the other is stopped before this rejects.
 */
export const startServices = async (options: ServicesOptions): Promise<Services> => {
  const { env, say, durable = true, restart = true } = options;
  const dataDir = resolve(env.DATA_DIR || ".parley");
  const secrets = env.AUTH_SECRETS || keptSecret(dataDir);
  const own = { durable, restart, say };
  const [postgres, redis] = await Promise.allSettled([
    env.DATABASE_URL ? undefined : startPostgres({ dir: join(dataDir, "postgres"), ...own }),
    env.REDIS_URL ? checkRedis(env.REDIS_URL) : startRedis({ dir: join(dataDir, "redis"), ...own }),
  ]);
  const started = [postgres, redis].flatMap((service) =>
    service.status === "fulfilled" && service.value ? [service.value] : [],
  );
  const stop = async () => {
    await Promise.all(started.map((service) => service.stop()));
  };
  if (postgres.status === "rejected" || redis.status === "rejected") {
    await stop();
    throw [postgres, redis].find((service) => service.status === "rejected")?.reason;
  }
  return {
    env: {
      ...env,
      DATABASE_URL: postgres.value?.ownerUrl ?? (env.DATABASE_URL as string),
      DATABASE_APP_URL: postgres.value?.appUrl ?? env.DATABASE_APP_URL,
      REDIS_URL: redis.value?.url ?? (env.REDIS_URL as string),
      AUTH_SECRETS: secrets,
    },
    postgres: postgres.value,
    redis: redis.value,
    stop,
  };
};
