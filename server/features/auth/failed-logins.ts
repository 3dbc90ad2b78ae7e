import { createHash } from "node:crypto";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { networkOf } from "../../client-address.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Deps } from "../../deps.ts";

const windowSeconds = 15 * 60;
const hourSeconds = 60 * 60;

/** The most within the window: with Redis for the whole cluster, and on each node alone while Redis is away. */
const sizes = {
  // One person's guesses. With the address in the key an outsider can't lock anybody else out.
  person: { shared: 10, alone: 5 },
  // One address's guesses at many people; an office shares an address.
  address: { shared: 100, alone: 30 },
  // Codes, from wherever they come: who guesses them knows the password already, so it is no outsider who is kept waiting.
  code: { shared: 10, alone: 5 },
  // An hour's sign-ups of one address, and its mails to people who have not signed in.
  signUp: { shared: 100, alone: 30 },
  asking: { shared: 60, alone: 20 },
  // An hour's mails of one kind to one person, whoever asks for them.
  mail: { shared: 5, alone: 3 },
};

/** One attempt, counted as failed until one of these is called. */
export type Attempt = {
  /** It came to no verdict. */
  takeBack: () => Promise<void>;
  /** It succeeded: the person's earlier failures are forgiven too. */
  succeed: () => Promise<void>;
};

/**
 * Counts attempts to sign in that fail. They count from their start, so that many at once gain nothing. What is over its
 * limit throws Refusal("rate_limited") with `details.retryAfterMs`.
 */
export type FailedLogins = {
  begin: (address: string, email: string) => Promise<Attempt>;
  /** The same for the codes of somebody whose password was right; a new password begins anew. */
  beginCode: (userId: string, passwordHash: string) => Promise<Attempt>;
  /** Forgives a person's failures from one address: they have proven otherwise who they are. */
  forgive: (address: string, email: string) => Promise<void>;
  /** Counts what anybody may do without a password: signing up, and asking for mail. */
  countVisit: (kind: "signUp" | "asking", address: string) => Promise<void>;
  /** Whether one more mail of this kind may go to the person. Never throws `rate_limited`: nobody is to learn of it. */
  mayMail: (kind: string, email: string) => Promise<boolean>;
};

export const createFailedLogins = ({
  redis,
  config,
  log,
  sharedLimits,
}: Pick<Deps, "redis" | "config" | "log" | "sharedLimits">): FailedLogins => {
  const points = (size: number) => Math.max(1, Math.round(size * config.RATE_LIMIT_FACTOR));
  const limiter = (name: keyof typeof sizes, duration = windowSeconds) =>
    new RateLimiterRedis({
      storeClient: redis.app,
      keyPrefix: `parley:login:${name}`,
      points: points(sizes[name].shared),
      duration,
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory({ points: points(sizes[name].alone), duration }),
    });
  const [byPerson, byAddress, byCode] = [limiter("person"), limiter("address"), limiter("code")];
  const visits = { signUp: limiter("signUp", hourSeconds), asking: limiter("asking", hourSeconds) };
  const mails = limiter("mail", hourSeconds);
  // Redis is no place for people's addresses.
  const keyOf = (...words: string[]) => createHash("sha256").update(words.join(" ")).digest("base64url");

  const holdBack = (refused: unknown, sentence: string): unknown => {
    if (!(refused instanceof RateLimiterRes)) return refused;
    return new Refusal("rate_limited", sentence, { retryAfterMs: refused.msBeforeNext });
  };
  const tooMany = "Too many attempts to sign in. Please wait a while and try again.";

  return {
    begin: async (address, email) => {
      const network = networkOf(address);
      const person = keyOf(network, email);
      try {
        await byAddress.consume(network);
        await byPerson.consume(person);
      } catch (refused) {
        log.warn({ address }, "attempts to sign in are held back");
        throw holdBack(refused, tooMany);
      }
      return {
        takeBack: async () => void (await Promise.all([byAddress.reward(network), byPerson.reward(person)])),
        succeed: async () => void (await Promise.all([byAddress.reward(network), byPerson.delete(person)])),
      };
    },
    beginCode: async (userId, passwordHash) => {
      const person = keyOf(userId, passwordHash);
      await byCode.consume(person).catch((refused: unknown) => {
        throw holdBack(refused, tooMany);
      });
      return {
        takeBack: async () => void (await byCode.reward(person)),
        succeed: async () => void (await byCode.delete(person)),
      };
    },
    forgive: async (address, email) => void (await byPerson.delete(keyOf(networkOf(address), email))),
    countVisit: async (kind, address) => {
      await visits[kind].consume(networkOf(address)).catch((refused: unknown) => {
        throw holdBack(refused, "That was asked too often. Please wait a while and try again.");
      });
    },
    mayMail: async (kind, email) => {
      const now = await mails.consume(keyOf(kind, email)).then(
        () => true,
        (refused: unknown) => {
          if (refused instanceof RateLimiterRes) return false;
          throw refused;
        },
      );
      return now && (await sharedLimits.take({ of: "mailsToPerson", key: [kind, email] })) === 0;
    },
  };
};
