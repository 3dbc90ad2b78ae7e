import { parseArgs } from "node:util";
import { settings } from "../../server/config.ts";
import { runChaos } from "./run.ts";

const usage = `npm run chaos -- [--minutes 5] [--seed 1] [--conversations 500] [--tenants 5] [--nodes 3] [--rate 150] [--real-beats]

Puts nodes under load, breaks everything that can break, and compares what every client saw with what the tables hold.
The same seed brings the same faults in the same order. With --real-beats heartbeats, leases and healing keep the
product's own pace instead of a test's. Exit code 1: a promise was broken.`;

const options = {
  minutes: { type: "string", default: "5" },
  seed: { type: "string", default: String(Date.now() % 1_000_000) },
  conversations: { type: "string", default: "500" },
  tenants: { type: "string", default: "5" },
  nodes: { type: "string", default: "3" },
  rate: { type: "string", default: "150" },
  "real-beats": { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

const beats = [
  "HEAL_INTERVAL_MS",
  "PING_INTERVAL_MS",
  "PING_TIMEOUT_MS",
  "PRESENCE_LEASE_MS",
  "PRESENCE_GRACE_MS",
] as const;

const readOptions = () => {
  const { values } = parseArgs({ options });
  if (values.help) return undefined;
  const { help: _help, "real-beats": real, ...numbers } = values;
  const read = Object.entries(numbers).map(([name, text]) => {
    const value = Number(text);
    if (!Number.isFinite(value) || value < 0 || (value === 0 && name !== "seed"))
      throw new TypeError(`--${name} needs a number above 0`);
    return [name, value] as const;
  });
  const env = real ? Object.fromEntries(beats.map((name) => [name, settings[name].fallback])) : {};
  return { ...(Object.fromEntries(read) as Record<keyof typeof numbers, number>), env };
};

const say = (line: string) => process.stdout.write(`${line}\n`);

const main = async (): Promise<number> => {
  let given: ReturnType<typeof readOptions>;
  try {
    given = readOptions();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}\n`);
    return 2;
  }
  if (!given) {
    say(usage);
    return 0;
  }
  const { minutes, ...rest } = given;
  say(`seed ${rest.seed}, ${minutes} minutes`);
  const result = await runChaos({ ...rest, seconds: minutes * 60, say });
  say(result.report);
  return result.violations > 0 ? 1 : 0;
};

process.exitCode = await main();
