/** Numbers that look random and come back the same for the same seed, so that a failed run can be run again. */
export type Random = {
  /** A fraction, 0 <= x < 1. */
  fraction: () => number;
  /** A whole number, both ends included. */
  between: (least: number, most: number) => number;
  pick: <T>(list: readonly T[]) => T;
};

/** A generator of its own for `seed` (mulberry32). */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number) => least + Math.floor(fraction() * (most - least + 1));
  return {
    fraction,
    between,
    pick: (list) => {
      if (list.length === 0) throw new Error("There is nothing to pick from");
      return list[between(0, list.length - 1)]!;
    },
  };
};

/** The seed of this run: `SEED` when given, else a fresh one. It is printed, so that the run can be repeated. */
export const runSeed = (title: string): number => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  process.stdout.write(`${title}: seed ${seed} (SEED=${seed} repeats it)\n`);
  return seed;
};
