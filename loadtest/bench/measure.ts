import type { Talked, Watched } from "./crowd.ts";
import { median, medianSpread, type Spread } from "./numbers.ts";
import type { Pace } from "./talk.ts";
import type { Bench, Variant, Variants } from "./variants.ts";

/** One variant at one pace: medians over the rounds. CPU is microseconds a message. */
export type Measured = {
  variant: string;
  pace: Pace;
  ackedPerSecond: number;
  deliveredPerSecond: number;
  ack: Spread;
  delivery: Spread;
  cpu: Record<string, number>;
  /** Messages refused in all rounds; only an open loop may meet refusals, where the server is slower than the pace. */
  refused: number;
  /** What each round acked per second, so that a reader sees how much they differ. */
  rounds: number[];
};

const watch = ({ stage }: Bench, { servers }: Variant): Watched => ({
  ...Object.fromEntries(Object.entries(servers).map(([name, { pid }]) => [name, [pid]])),
  postgres: [stage.postgres.pid!],
  redis: [stage.redis.pid!],
});

/** Measures one span. Throws when a message was refused in a closed loop, or acked and never delivered: such numbers are worth nothing. */
const talk = async (bench: Bench, variant: Variant, pace: Pace): Promise<Talked> => {
  const { ms, warmMs } = bench.options;
  const talked = await variant.crowd.talk(pace, { ms, warmMs }, watch(bench, variant));
  if (talked.refused > 0 && "window" in pace)
    throw new Error(`${variant.name}: ${talked.refused} refused, first with ${talked.refusal}`);
  if (talked.missing > 0) throw new Error(`${variant.name}: ${talked.missing} acked messages were not delivered`);
  if (talked.missing < 0) throw new Error(`${variant.name}: ${-talked.missing} messages were delivered more than once`);
  return talked;
};

const summarise = (variant: string, pace: Pace, rounds: Talked[]): Measured => {
  const rate = (count: (one: Talked) => number) => Math.round(median(rounds.map((one) => count(one) / one.seconds)));
  return {
    variant,
    pace,
    ackedPerSecond: rate(({ acked }) => acked),
    deliveredPerSecond: rate(({ delivered }) => delivered),
    ack: medianSpread(rounds.map(({ ack }) => ack)),
    delivery: medianSpread(rounds.map(({ delivery }) => delivery)),
    cpu: Object.fromEntries(
      Object.keys(rounds[0]!.cpu).map((name) => [
        name,
        Number(median(rounds.map(({ cpu, acked }) => cpu[name]! / acked)).toFixed(2)),
      ]),
    ),
    refused: rounds.reduce((sum, { refused }) => sum + refused, 0),
    rounds: rounds.map(({ acked, seconds }) => Math.round(acked / seconds)),
  };
};

/** Takes variants in turn, round after round, so that what slows the machine for a while slows all of them. */
export const interleave = async (bench: Bench, entries: { variant: Variant; pace: Pace }[]): Promise<Measured[]> => {
  const talks = entries.map((): Talked[] => []);
  for (let round = 1; round <= bench.options.rounds; round++) {
    for (const [i, { variant, pace }] of entries.entries()) {
      const talked = await talk(bench, variant, pace);
      talks[i]!.push(talked);
      const how = "window" in pace ? `window ${pace.window}` : `${pace.perSecond}/s`;
      bench.say(`  round ${round}: ${variant.name}, ${how}: ${Math.round(talked.acked / talked.seconds)} acked/s`);
    }
  }
  return entries.map(({ variant, pace }, i) => summarise(variant.name, pace, talks[i]!));
};

/** Closed loop, each window: acked messages a second at full load. */
export const measureThroughput = (bench: Bench, { echo, insert, parley }: Variants): Promise<Measured[]> =>
  interleave(
    bench,
    bench.options.windows.flatMap((window) => [echo, insert, parley].map((variant) => ({ variant, pace: { window } }))),
  );

/** Open loop at half of what each reached: latency when there is room. */
export const measureLatency = (bench: Bench, { echo, parley }: Variants, full: Measured[]): Promise<Measured[]> => {
  const half = ({ name }: Variant) =>
    Math.floor(Math.max(...full.filter(({ variant }) => variant === name).map((one) => one.ackedPerSecond)) / 2);
  return interleave(
    bench,
    [echo, parley].map((variant) => ({ variant, pace: { perSecond: half(variant) } })),
  );
};
