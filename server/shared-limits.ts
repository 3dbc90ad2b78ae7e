import { createHash } from "node:crypto";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import type { Config } from "./config.ts";
import { sharedSizes } from "./limits.ts";
import type { RedisClients } from "./redis.ts";

export type SharedLimit = keyof typeof sharedSizes;
/** One allowance: its kind, whose it is, and how many points to take from it; 1 unless said. */
export type Take = { of: SharedLimit; key: string[]; points?: number };

/**
 * Allowances that hold for the whole cluster and across restarts. They live in Redis; while it is away each node counts
 * alone, with less.
 */
export type SharedLimits = {
  /** Takes from all of them at once, in one round trip: 0, or how many milliseconds until the emptiest has room again. */
  take: (...all: Take[]) => Promise<number>;
  /** Gives back what was taken for something that came to nothing. */
  giveBack: (...all: Take[]) => Promise<void>;
};

export const createSharedLimits = (redis: RedisClients, config: Pick<Config, "RATE_LIMIT_FACTOR">): SharedLimits => {
  const pointsOf = (size: number) => Math.max(1, Math.round(size * config.RATE_LIMIT_FACTOR));
  const limiters = new Map(
    Object.entries(sharedSizes).map(([name, { most, alone, seconds: duration }]) => [
      name,
      new RateLimiterRedis({
        storeClient: redis.app,
        keyPrefix: `parley:limit:${name}`,
        points: pointsOf(most),
        duration,
        rejectIfRedisNotReady: true,
        insuranceLimiter: new RateLimiterMemory({ points: pointsOf(alone), duration }),
      }),
    ]),
  );
  // Redis is no place for people's addresses.
  const keyOf = ({ key }: Take) => createHash("sha256").update(key.join("\0")).digest("base64url");

  const takeOne = (one: Take): Promise<number> =>
    limiters
      .get(one.of)!
      .consume(keyOf(one), one.points)
      .then(
        () => 0,
        (refused: unknown) => {
          if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext);
          throw refused;
        },
      );

  return {
    take: async (...all) => Math.max(0, ...(await Promise.all(all.map(takeOne)))),
    giveBack: async (...all) =>
      void (await Promise.all(all.map((one) => limiters.get(one.of)!.reward(keyOf(one), one.points)))),
  };
};
