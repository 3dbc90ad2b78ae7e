import { Refusal } from "../../contract/errors.ts";

/** Who waits: the network of their address, and the account they say is theirs. */
export type Waiter = { network: string; account: string };

type Waiting = Waiter & { start: () => void; giveUp: () => void };

/** `atOnce`: how many are worked on; `waiting`: how many wait in a line at most, of all and of one network or account. */
type Sizes = { atOnce: number; waiting: { all: number; network: number; account: number } };

// About how long one takes that is worked on.
const eachMs = 300;
const mostRemembered = 10_000;

/**
 * A bounded line in which nobody stands behind a crowd: whoever's network and account were served least lately is next, and
 * when the line is full whoever has most in it gives way. Networks from which somebody got in have a line of their own, and
 * the two take turns: a crowd of strangers does not keep them waiting, nor do they shut out who signs in from elsewhere.
 */
export const createFairQueue = ({ atOnce, waiting: most }: Sizes) => {
  const known = new Set<string>();
  const ofKnown: Waiting[] = [];
  const ofStrangers: Waiting[] = [];
  // Whose turn it is where both wait.
  let lines = [ofKnown, ofStrangers] as const;
  const served = new Map<string, number>();
  let running = 0;
  let turn = 0;

  const lineOf = ({ network }: Waiter) => (known.has(network) ? ofKnown : ofStrangers);
  const ofSame = (line: Waiting[], key: keyof Waiter, who: Waiter) =>
    line.filter((one) => one[key] === who[key]).length;
  /** How many of theirs wait already. */
  const share = (line: Waiting[], who: Waiter) => Math.max(ofSame(line, "network", who), ofSame(line, "account", who));
  const remember = (keys: { size: number; clear: () => void }) => {
    if (keys.size >= mostRemembered) keys.clear();
  };
  const tooMany = () =>
    new Refusal("rate_limited", "Too many people are signing in right now. Please try again in a moment.", {
      retryAfterMs: Math.max(1_000, Math.ceil(((ofKnown.length + ofStrangers.length) / atOnce) * eachMs)),
    });

  /** Makes room for `who` where somebody has more in the line than they would have. Throws Refusal `rate_limited`. */
  const ensureRoom = (line: Waiting[], who: Waiter): void => {
    if (ofSame(line, "network", who) >= most.network || ofSame(line, "account", who) >= most.account) throw tooMany();
    if (line.length < most.all) return;
    const shares = line.map((one) => share(line, one));
    const largest = Math.max(...shares);
    if (largest <= share(line, who) + 1) throw tooMany();
    // The newest of them has waited least.
    const [loser] = line.splice(shares.lastIndexOf(largest), 1);
    loser!.giveUp();
  };

  const lately = ({ network, account }: Waiter) =>
    Math.max(served.get(`n ${network}`) ?? 0, served.get(`a ${account}`) ?? 0);
  const takeNext = (): Waiting | undefined => {
    const [line, other] = lines;
    lines = [other, line];
    const from = line.length > 0 ? line : other;
    if (from.length === 0) return undefined;
    const ages = from.map(lately);
    return from.splice(ages.indexOf(Math.min(...ages)), 1)[0];
  };
  const markServed = ({ network, account }: Waiter): void => {
    remember(served);
    turn += 1;
    served.set(`n ${network}`, turn);
    served.set(`a ${account}`, turn);
  };

  return {
    /** Carries `work` out when it is their turn. Throws Refusal `rate_limited` where there is no room to wait. */
    run: async <T>(who: Waiter, work: () => Promise<T>): Promise<T> => {
      if (running < atOnce) running += 1;
      else {
        const line = lineOf(who);
        ensureRoom(line, who);
        await new Promise<void>((start, refuse) => line.push({ ...who, start, giveUp: () => refuse(tooMany()) }));
      }
      markServed(who);
      try {
        return await work();
      } finally {
        // The place is handed over, not given up: nobody can slip in between.
        const next = takeNext();
        if (next) next.start();
        else running -= 1;
      }
    },
    /** Somebody has shown that they are who they say, from there. */
    trust: (network: string): void => {
      remember(known);
      known.add(network);
    },
  };
};
