import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { Refusal } from "../../contract/errors.ts";
import type { Deps } from "../../deps.ts";

const windowSeconds = 15 * 60;

/** Failures within the window: with Redis for the whole cluster, and on each node alone while Redis is away. */
const sizes = {
  // One person's guesses. With the address in the key an outsider can't lock anybody else out.
  person: { shared: 10, alone: 5 },
  // One address's guesses at many people; an office shares an address.
  address: { shared: 100, alone: 30 },
};

/** One attempt, counted as failed until one of these is called. */
export type Attempt = {
  /** It came to no verdict. */
  takeBack: () => Promise<void>;
  /** It succeeded: the person's earlier failures are forgiven too. */
  succeed: () => Promise<void>;
};

/** Counts attempts to sign in that fail. They count from their start, so that many at once gain nothing. */
export type FailedLogins = {
  /** Throws Refusal("rate_limited") with `details.retryAfterMs`. */
  begin: (address: string, email: string) => Promise<Attempt>;
};

/** The part of an address that one person can't change at will: of IPv6 the network. */
export const networkOf = (address: string): string => {
  const plain = address.replace(/^::ffff:(?=\d+\.)/u, "");
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = plain.split("%")[0]!.split("::");
  const [left, right] = [head, tail ?? ""].map((half) => half.split(":").filter((group) => group !== ""));
  const zeros = tail === undefined ? 0 : 8 - left!.length - right!.length;
  return [...left!, ...Array.from({ length: zeros }, () => "0"), ...right!].slice(0, 4).join(":");
};

export const createFailedLogins = ({ redis, config, log }: Pick<Deps, "redis" | "config" | "log">): FailedLogins => {
  const points = (size: number) => Math.max(1, Math.round(size * config.RATE_LIMIT_FACTOR));
  const limiter = (name: keyof typeof sizes) =>
    new RateLimiterRedis({
      storeClient: redis.app,
      keyPrefix: `parley:login:${name}`,
      points: points(sizes[name].shared),
      duration: windowSeconds,
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory({ points: points(sizes[name].alone), duration: windowSeconds }),
    });
  const [byPerson, byAddress] = [limiter("person"), limiter("address")];
  // Redis is no place for people's addresses.
  const personKey = (network: string, email: string) =>
    createHash("sha256").update(`${network} ${email}`).digest("base64url");

  return {
    begin: async (address, email) => {
      const network = networkOf(address);
      const person = personKey(network, email);
      try {
        await byAddress.consume(network);
        await byPerson.consume(person);
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        log.warn({ address }, "attempts to sign in are held back");
        throw new Refusal("rate_limited", "Too many attempts to sign in. Please wait a while and try again.", {
          retryAfterMs: refused.msBeforeNext,
        });
      }
      return {
        takeBack: async () => void (await Promise.all([byAddress.reward(network), byPerson.reward(person)])),
        succeed: async () => void (await Promise.all([byAddress.reward(network), byPerson.delete(person)])),
      };
    },
  };
};
