import { networkOf } from "./client-address.ts";
import type { Ctx } from "./context.ts";
import { Refusal } from "./contract/errors.ts";

/** Whose reading counts together: by person, by where they are, and by their side of the workspace. */
export type Reader = Record<keyof typeof shares, string>;

type Share = { atOnce: number; bytesPerSecond: number; burst: number };

const mebibyte = 1_048_576;

/**
 * What reading may cost on one node: how many reads of each are under way at once, and how much their answers may hold. All
 * commands and routes of the limit class `read` come by here. A person's share is far more than a client needs that comes
 * back to many conversations; an address is an office. Visitors use up nothing of their workspace's agents.
 */
const shares = {
  person: { atOnce: 4, bytesPerSecond: mebibyte / 2, burst: 4 * mebibyte },
  address: { atOnce: 8, bytesPerSecond: 4 * mebibyte, burst: 32 * mebibyte },
  side: { atOnce: 16, bytesPerSecond: 8 * mebibyte, burst: 128 * mebibyte },
} satisfies Record<string, Share>;

// Beyond this a person's further reads are not even kept waiting.
const mostWaiting = 60;
// Clients wait ten seconds for an answer.
const patienceMs = 8_000;
// What is asked in vain costs something too.
const leastBytes = 1_024;
const keepMs = 60_000;

type Waiter = { enter: () => void; alarm: NodeJS.Timeout };
type Account = { share: Share; inside: number; waiters: Waiter[]; bytes: number; at: number };

export type ReadBudget = {
  /**
   * Does the reading when it is its turn, and counts what it brought. Throws `rate_limited` with the time to wait where too
   * much was read lately, or too much waits already. `isWanted` false: whoever asked is gone, and nothing is read.
   */
  run: <T>(reader: Reader, read: () => T | Promise<T>, isWanted?: () => boolean) => Promise<T>;
  /** The same for one piece of a long answer, which waits for its allowance instead of ending. */
  runPiece: <T>(reader: Reader, read: () => Promise<T>) => Promise<T>;
};

export const readerOf = ({ tenant, actor, address = "" }: Ctx): Reader => ({
  // A key has an allowance of its own: a server's work must not hold up the person who made its key.
  person: `${tenant.id} ${actor.kind === "agent" && actor.via ? actor.via.id : actor.id}`,
  address: networkOf(address),
  side: `${tenant.id} ${actor.kind}`,
});

/** About how long a value is as JSON, at a fraction of what making it costs. */
export const weigh = (value: unknown): number => {
  if (typeof value === "string") return value.length + 2;
  if (typeof value !== "object" || value === null) return 5;
  let bytes = 2;
  if (Array.isArray(value)) for (const item of value) bytes += weigh(item) + 1;
  else for (const [key, item] of Object.entries(value)) bytes += key.length + 4 + weigh(item);
  return bytes;
};

const refuse = (retryAfterMs: number) =>
  new Refusal("rate_limited", "That was too much to read at once. Please slow down.", { retryAfterMs });

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** One for each node, in its memory, like the other limits. */
export const createReadBudget = (factor: number, now: () => number = () => performance.now()): ReadBudget => {
  const accounts = new Map<string, Account>();
  let sweptAt = now();

  const refill = (account: Account): void => {
    const moment = now();
    const { bytesPerSecond, burst } = account.share;
    account.bytes = Math.min(burst, account.bytes + ((moment - account.at) * bytesPerSecond) / 1_000);
    account.at = moment;
  };

  /** Forgets who has read nothing lately. */
  const sweep = (): void => {
    if (now() - sweptAt < keepMs) return;
    sweptAt = now();
    for (const [key, account] of accounts) {
      refill(account);
      if (account.inside === 0 && account.waiters.length === 0 && account.bytes === account.share.burst)
        accounts.delete(key);
    }
  };

  const accountOf = (kind: keyof typeof shares, key: string): Account => {
    const known = accounts.get(`${kind} ${key}`);
    if (known) return known;
    const { atOnce, bytesPerSecond, burst } = shares[kind];
    const share = {
      atOnce: Math.max(1, Math.floor(atOnce * factor)),
      bytesPerSecond: bytesPerSecond * factor,
      burst: burst * factor,
    };
    const account = { share, inside: 0, waiters: [], bytes: share.burst, at: now() };
    accounts.set(`${kind} ${key}`, account);
    return account;
  };

  /** How long until the account may read again; 0 when it may. */
  const debt = (account: Account): number => {
    refill(account);
    if (account.bytes > 0) return 0;
    const { bytesPerSecond } = account.share;
    return bytesPerSecond > 0 ? Math.min(keepMs, Math.ceil((1 - account.bytes) / (bytesPerSecond / 1_000))) : keepMs;
  };

  const enter = (account: Account): Promise<void> | undefined => {
    if (account.inside < account.share.atOnce) return void (account.inside += 1);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        enter: resolve,
        alarm: setTimeout(() => {
          account.waiters = account.waiters.filter((one) => one !== waiter);
          reject(refuse(1_000));
        }, patienceMs),
      };
      account.waiters.push(waiter);
    });
  };

  const leave = (account: Account): void => {
    const next = account.waiters.shift();
    if (!next) return void (account.inside -= 1);
    // The place is handed over.
    clearTimeout(next.alarm);
    next.enter();
  };

  const run: ReadBudget["run"] = async (reader, read, isWanted = () => true) => {
    sweep();
    // In one order, the person first: whoever waits for their own turn takes up no place of the others'.
    const asked = [
      accountOf("person", reader.person),
      accountOf("address", reader.address),
      accountOf("side", reader.side),
    ] as const;
    const wait = Math.max(...asked.map(debt));
    if (wait > 0) throw refuse(wait);
    if (asked[0].waiters.length >= mostWaiting * Math.max(1, factor)) throw refuse(1_000);
    const entered: Account[] = [];
    try {
      for (const account of asked) {
        const turn = enter(account);
        if (turn) await turn;
        entered.push(account);
      }
      if (!isWanted()) throw refuse(1_000);
      let bytes = leastBytes;
      try {
        const answer = await read();
        bytes += weigh(answer);
        return answer;
      } finally {
        for (const account of asked) account.bytes -= bytes;
      }
    } finally {
      for (const account of entered) leave(account);
    }
  };

  const runPiece: ReadBudget["runPiece"] = async (reader, read) => {
    for (;;) {
      try {
        return await run(reader, read);
      } catch (error) {
        if (!(error instanceof Refusal) || error.code !== "rate_limited") throw error;
        await pause(Number(error.details?.["retryAfterMs"] ?? 1_000));
      }
    }
  };

  return { run, runPiece };
};
