import { type Cores, cpuBetween, cpuMicros, familyOf, pin } from "./machine.ts";
import { interleave } from "./measure.ts";
import type { Server } from "./servers.ts";
import { type Bench, meetParley, nodeFor, type Variant, type Variants } from "./variants.ts";

/**
 * One node against two, sender and receiver apart. Two nodes on one core would halve each; so here nothing is bound: the
 * kernel spreads all processes over the cores, for one node and for two alike. A third node hears it all and has nobody.
 */
export const measureCluster = async (bench: Bench, { parley }: Pick<Variants, "parley">) => {
  const { stage, options, on } = bench;
  // A Redis of its own, so that the single node has no cluster to tell.
  const redis = await stage.anotherRedis();
  const [first, second, third] = await Promise.all(["d1", "d2", "d3"].map((name) => nodeFor(bench, name, redis)));
  const crowd = await meetParley(bench, "d", first!, second!, await stage.foundCompany(options.receivers));
  const servers = { "sender's node": first!, "receiver's node": second!, "third node": third! };
  const apart: Variant = { name: "d: Parley, two nodes", servers, crowd };
  const together: Variant = { ...parley, name: "one node, same cores" };
  const everybody = [first, second, third, parley.servers["server"]].map((server) => server!.pid);
  const crowds = [crowd.pid, parley.crowd.pid];
  const services = [stage.postgres.pid!, stage.redis.pid!, redis.pid!];
  const bind = (cores: Cores, rest: Cores) => {
    if (!on) return;
    pin(everybody, cores);
    pin([...crowds, ...services.flatMap(familyOf)], rest);
  };
  bind("0,1", "0,1");
  try {
    // What the third node uses while nothing happens is not the messages' doing.
    const quiet = await restCost(bench, third!);
    const measured = await interleave(
      bench,
      options.windows.flatMap((window) => [together, apart].map((variant) => ({ variant, pace: { window } }))),
    );
    return { measured, quietMicrosPerSecond: quiet };
  } finally {
    bind(on?.server ?? "0", on?.rest ?? "1");
    await crowd.leave();
    await Promise.all([first, second, third].map((server) => server!.stop()));
  }
};

const restCost = async (bench: Bench, { pid }: Server): Promise<number> => {
  const before = cpuMicros([pid]);
  await new Promise((resolve) => setTimeout(resolve, bench.options.ms));
  return (cpuBetween(before, cpuMicros([pid])) / bench.options.ms) * 1_000;
};
