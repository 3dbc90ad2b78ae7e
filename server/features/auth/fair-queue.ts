import { Refusal } from "../../contract/errors.ts";

/** Who waits: the network of their address, and the account they say is theirs. */
export type Waiter = { network: string; account: string };

type Waiting = Waiter & { start: () => void; giveUp: () => void };

/** `atOnce`: how many are worked on; `waiting`: how many wait at most, of all and of one network or account. */
type Sizes = { atOnce: number; waiting: { all: number; network: number; account: number } };

// About how long one takes that is worked on.
const eachMs = 300;
const mostRemembered = 10_000;

/**
 * A bounded line in which nobody stands behind a crowd: whoever's network and account were served least lately is next, and
 * when the line is full whoever has most in it gives way. Networks from which somebody got in go before those of strangers.
 */
export const createFairQueue = ({ atOnce, waiting: most }: Sizes) => {
  const line: Waiting[] = [];
  const served = new Map<string, number>();
  const known = new Set<string>();
  let running = 0;
  let turn = 0;

  const ofSame = (key: keyof Waiter, who: Waiter) => line.filter((one) => one[key] === who[key]).length;
  /** How many of theirs wait already. */
  const share = (who: Waiter) => Math.max(ofSame("network", who), ofSame("account", who));
  const remember = (keys: { size: number; clear: () => void }) => {
    if (keys.size >= mostRemembered) keys.clear();
  };
  const tooMany = () =>
    new Refusal("rate_limited", "Too many people are signing in right now. Please try again in a moment.", {
      retryAfterMs: Math.max(1_000, Math.ceil((line.length / atOnce) * eachMs)),
    });

  /** Makes room for `who` where somebody has more in the line than they would have. Throws Refusal `rate_limited`. */
  const ensureRoom = (who: Waiter): void => {
    if (ofSame("network", who) >= most.network) throw tooMany();
    // Strangers who guess at somebody must not keep out the somebody.
    if (ofSame("account", who) >= most.account && !known.has(who.network)) throw tooMany();
    if (line.length < most.all) return;
    const mine = share(who) + 1;
    const shares = line.map((one) => (known.has(one.network) ? 0 : share(one)));
    const largest = Math.max(...shares);
    if (largest < mine || (largest === mine && !known.has(who.network))) throw tooMany();
    // The newest of them has waited least.
    const [loser] = line.splice(shares.lastIndexOf(largest), 1);
    loser!.giveUp();
  };

  const lately = (one: Waiter) => {
    const last = Math.max(served.get(`n ${one.network}`) ?? 0, served.get(`a ${one.account}`) ?? 0);
    return known.has(one.network) ? last - Number.MAX_SAFE_INTEGER / 2 : last;
  };
  const takeNext = (): Waiting | undefined => {
    if (line.length === 0) return undefined;
    const ages = line.map(lately);
    return line.splice(ages.indexOf(Math.min(...ages)), 1)[0];
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
        ensureRoom(who);
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
