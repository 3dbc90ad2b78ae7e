import { createHash } from "node:crypto";
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { networkOf } from "../../client-address.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Deps } from "../../deps.ts";

const windowSeconds = 15 * 60;
const hourSeconds = 60 * 60;
// No longer than a timer can wait, which counts it while Redis is away.
const knownSeconds = 20 * 24 * hourSeconds;

/** The most within the window: with Redis for the whole cluster, and on each node alone while Redis is away. */
const sizes = {
  // One person's guesses from one address.
  person: { shared: 10, alone: 5 },
  // One person's guesses from all addresses they never signed in from. Where they did, an outsider's guesses count for nothing.
  stranger: { shared: 30, alone: 15 },
  // One address's guesses at many people; an office shares an address.
  address: { shared: 100, alone: 30 },
  // Codes, from wherever they come: who guesses them knows the password already, so it is no outsider who is kept waiting.
  code: { shared: 10, alone: 5 },
  // An hour's sign-ups of one address, those refused since somebody else's login has the e-mail address, and its mails to
  // people who have not signed in.
  signUp: { shared: 100, alone: 30 },
  taken: { shared: 10, alone: 5 },
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
  /** `signedIn`: by somebody who holds a session of the person's, and is kept waiting by nobody else's guesses. */
  begin: (address: string, email: string, options?: { signedIn?: boolean }) => Promise<Attempt>;
  /** The same for the codes of somebody whose password was right; a new password begins anew. */
  beginCode: (userId: string, passwordHash: string) => Promise<Attempt>;
  /** Counts a sign-up that may find its e-mail address taken: whoever tries out which ones are known is soon held back. */
  beginSignUp: (address: string) => Promise<Pick<Attempt, "takeBack">>;
  /** Forgives a person's failures from one address: they have proven otherwise who they are, and are known there now. */
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
  const limiter = (name: keyof typeof sizes, duration = windowSeconds, prefix: string = name) =>
    new RateLimiterRedis({
      storeClient: redis.app,
      keyPrefix: `parley:login:${prefix}`,
      points: points(sizes[name].shared),
      duration,
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory({ points: points(sizes[name].alone), duration }),
    });
  const [byPerson, byAddress, byCode] = [limiter("person"), limiter("address"), limiter("code")];
  const [byStranger, byTaken] = [limiter("stranger"), limiter("taken", hourSeconds)];
  // Not a count, but a note: that the person has signed in from that address.
  const known = limiter("person", knownSeconds, "known");
  const note = (person: string) => known.set(person, 1, knownSeconds);
  const visits = { signUp: limiter("signUp", hourSeconds), asking: limiter("asking", hourSeconds) };
  const mails = limiter("mail", hourSeconds);
  // Redis is no place for people's addresses.
  const keyOf = (...words: string[]) => createHash("sha256").update(words.join(" ")).digest("base64url");

  const holdBack = (refused: unknown, sentence: string): unknown => {
    if (!(refused instanceof RateLimiterRes)) return refused;
    return new Refusal("rate_limited", sentence, { retryAfterMs: refused.msBeforeNext });
  };
  const tooOften = "That was asked too often. Please wait a while and try again.";
  const tooMany = "Too many attempts to sign in. Please wait a while and try again.";

  return {
    begin: async (address, email, { signedIn = false } = {}) => {
      const network = networkOf(address);
      const person = keyOf(network, email);
      const all = keyOf(email);
      let isStranger = false;
      try {
        await byAddress.consume(network);
        await byPerson.consume(person);
        isStranger = !signedIn && (await known.get(person)) === null;
        if (isStranger) await byStranger.consume(all);
      } catch (refused) {
        log.warn({ address }, "attempts to sign in are held back");
        throw holdBack(refused, tooMany);
      }
      const others = () => [byAddress.reward(network), isStranger ? byStranger.reward(all) : undefined];
      return {
        takeBack: async () => void (await Promise.all([...others(), byPerson.reward(person)])),
        succeed: async () => void (await Promise.all([...others(), byPerson.delete(person), note(person)])),
      };
    },
    beginSignUp: async (address) => {
      const network = networkOf(address);
      await byTaken.consume(network).catch((refused: unknown) => {
        throw holdBack(refused, tooOften);
      });
      return { takeBack: async () => void (await byTaken.reward(network)) };
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
    forgive: async (address, email) => {
      const person = keyOf(networkOf(address), email);
      await Promise.all([byPerson.delete(person), note(person)]);
    },
    countVisit: async (kind, address) => {
      await visits[kind].consume(networkOf(address)).catch((refused: unknown) => {
        throw holdBack(refused, tooOften);
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
