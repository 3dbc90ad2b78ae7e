import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { canPin, describeMachine, pin } from "./machine.ts";
import { measureCluster } from "./cluster.ts";
import { measureLatency, measureThroughput } from "./measure.ts";
import { measureMemory } from "./memory.ts";
import { type Bench, setVariants } from "./variants.ts";
import { readOptions } from "./options.ts";
import { judge, print, type Results } from "./report.ts";
import { perform } from "./stage.ts";

const options = readOptions();
const machine = describeMachine();
const say = (line: string) => console.log(line);

const on = options.pin && canPin() ? ({ server: "0", rest: "1" } as const) : undefined;
const pinning = on
  ? "Pinned: the server on core 0; the load generator, Postgres and Redis on core 1."
  : "Not pinned: the server shares its cores with the load generator and Postgres.";
// Whatever this process starts inherits its core.
if (on) pin([process.pid], on.rest);
if (machine.load > 1)
  say(`The load average is ${machine.load}: something else is running, and the numbers will show it.`);

const results: Omit<Results, "aims"> = {
  machine,
  pinning,
  options,
  throughput: [],
  latency: [],
  cluster: [],
  quietMicrosPerSecond: 0,
  memory: [],
};

const runs = (part: (typeof options.parts)[number]) => options.parts.includes(part);

const measureAll = async (bench: Bench): Promise<void> => {
  if (runs("throughput") || runs("latency") || runs("cluster")) {
    const variants = await setVariants(bench);
    if (runs("throughput") || runs("latency")) {
      say("Full load");
      results.throughput = await measureThroughput(bench, variants);
    }
    if (runs("latency")) {
      say("Half load");
      results.latency = await measureLatency(bench, variants, results.throughput);
    }
    if (runs("cluster")) {
      say("Two nodes");
      const { measured, quietMicrosPerSecond } = await measureCluster(bench, variants);
      Object.assign(results, { cluster: measured, quietMicrosPerSecond });
    }
    for (const { crowd, servers } of Object.values(variants)) {
      await crowd.leave();
      await Promise.all(Object.values(servers).map((server) => server.stop()));
    }
  }
  if (runs("memory")) {
    say("Idle sockets");
    results.memory = await measureMemory(bench);
  }
};

await perform(say, async (stage) => {
  await measureAll({ stage, options, on, say });
  const finished: Results = { ...results, aims: judge(results) };
  const folder = fileURLToPath(new URL("../results/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `bench-${new Date().toISOString().replaceAll(":", "-").slice(0, 19)}.json`);
  writeFileSync(file, `${JSON.stringify(finished, undefined, 2)}\n`);
  say(`\n${print(finished)}\n\nWritten to ${relative(process.cwd(), file)}`);
});
