import bcrypt from "bcrypt";
import { Refusal } from "../../contract/errors.ts";

const cost = 12;

// The hash of a password nobody has: comparing with it takes as long as comparing with a real one.
const nobodys = "$2b$12$uUbLY/7GSR/pXyFeE/QLm.Ih2biUWpo6IihTEYk4UXesLDSkVKwK.";

// Hashing fills a thread of the pool that files and DNS share, for a good part of a second: half of the threads at most.
const mostAtOnce = 2;
// A few seconds' worth of logins; whoever comes later is told at once instead of waiting in vain.
const mostWaiting = 40;

let running = 0;
const waiting: (() => void)[] = [];

const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
  if (running < mostAtOnce) running += 1;
  else if (waiting.length >= mostWaiting)
    throw new Refusal("unavailable", "Too many people are signing in right now. Please try again in a moment.");
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await work();
  } finally {
    // The place is handed over, not given up: nobody can slip in between.
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
};

/**
 * Takes as long without a hash as with one. A password is the same however a keyboard composes its letters; one that was chosen
 * before that was so is tried as it was typed. Throws Refusal("unavailable") when too many wait for their turn.
 */
export const checkPassword = (password: string, hash: string | null | undefined): Promise<boolean> =>
  inTurn(async () => {
    for (const spelling of new Set([password.normalize("NFC"), password]))
      if (await bcrypt.compare(spelling, hash ?? nobodys)) return hash != null;
    return false;
  });

/** Hashes a password of at most 72 bytes, which is all that bcrypt reads. Throws as `checkPassword` does. */
export const hashPassword = (password: string): Promise<string> => inTurn(() => bcrypt.hash(password, cost));
