/** Milliseconds: the middle, the ninety-ninth percentile, and the worst. NaN where nothing was measured. */
export type Spread = { p50: number; p99: number; max: number };

const round = (value: number, digits = 2): number => Number(value.toFixed(digits));

export const spreadOf = (values: Float64Array): Spread => {
  const sorted = values.toSorted();
  const at = (share: number) =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
};

export const median = (values: number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
};

export const medianSpread = (spreads: Spread[]): Spread => ({
  p50: round(median(spreads.map(({ p50 }) => p50))),
  p99: round(median(spreads.map(({ p99 }) => p99))),
  max: Math.max(...spreads.map(({ max }) => max)),
});

/** A growing list of numbers that costs a store each, so that noting a latency does not show in it. */
export const createSamples = (): { add: (value: number) => void; take: () => Float64Array } => {
  let values = new Float64Array(1 << 20);
  let count = 0;
  return {
    add: (value) => {
      if (count === values.length) {
        const longer = new Float64Array(count * 2);
        longer.set(values);
        values = longer;
      }
      values[count++] = value;
    },
    take: () => {
      const taken = values.slice(0, count);
      count = 0;
      return taken;
    },
  };
};
