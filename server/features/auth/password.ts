import bcrypt from "bcrypt";
import { networkOf } from "../../client-address.ts";
import { createFairQueue } from "./fair-queue.ts";

const cost = 12;

// The hash of a password nobody has: comparing with it takes as long as comparing with a real one.
const nobodys = "$2b$12$uUbLY/7GSR/pXyFeE/QLm.Ih2biUWpo6IihTEYk4UXesLDSkVKwK.";

/**
 * Hashing fills a thread of the pool that files and DNS share, for a good part of a second: half of the threads at most. Some
 * seconds' worth may wait, of one address as many as sign in at once when an office opens.
 */
const queue = createFairQueue({ atOnce: 2, waiting: { all: 60, network: 40, account: 20 } });

/** Whose password it is said to be, and where they are. */
export type Asker = { address: string | undefined; email: string };
type Hash = string | null | undefined;
const waiterOf = ({ address = "", email }: Asker) => ({ network: networkOf(address), account: email.toLowerCase() });

/**
 * Takes as long without a hash as with one. A hash that is to be looked up is so when it is the asker's turn: a crowd that
 * guesses must not fill the line before the database either. A password is the same however a keyboard composes its letters; one that was chosen
 * before that was so is tried as it was typed. Throws Refusal `rate_limited` when too many wait for their turn.
 */
export const checkPassword = async (
  password: string,
  hash: Hash | (() => Promise<Hash>),
  asker: Asker,
): Promise<boolean> => {
  const waiter = waiterOf(asker);
  const good = await queue.run(waiter, async () => {
    const found = typeof hash === "function" ? await hash() : hash;
    for (const spelling of new Set([password.normalize("NFC"), password]))
      if (await bcrypt.compare(spelling, found ?? nobodys)) return found != null;
    return false;
  });
  if (good) queue.trust(waiter.network);
  return good;
};

/** Hashes a password of at most 72 bytes, which is all that bcrypt reads. Throws as `checkPassword` does. */
export const hashPassword = (password: string, asker: Asker): Promise<string> =>
  queue.run(waiterOf(asker), () => bcrypt.hash(password, cost));
