import { parseArgs } from "node:util";
import { settings } from "../../server/config.ts";
import { runRoutingChaos } from "./routing-run.ts";
import { runChaos } from "./run.ts";

const usage = `npm run chaos -- [--minutes 5] [--seed 1] [--conversations 500] [--tenants 5] [--nodes 3] [--rate 150] [--real-beats]

Puts nodes under load, breaks everything that can break, and compares what every client saw with what the tables hold.
The same seed brings the same faults in the same order. With --real-beats heartbeats, leases and healing keep the
product's own pace instead of a test's. Exit code 1: a promise was broken.

npm run chaos -- --routing [--seed 1] [--conversations 2000] [--agents 60] [--departments 6] [--nodes 4]

The same for routing: conversations arrive anywhere, agents accept, decline, miss and resolve, come and go, while a node is
killed, a node freezes and Redis restarts. Lasts until all is answered, then asks the tables whether each promise was kept.`;

const options = {
  minutes: { type: "string", default: "5" },
  seed: { type: "string", default: String(Date.now() % 1_000_000) },
  routing: { type: "boolean", default: false },
  agents: { type: "string", default: "60" },
  departments: { type: "string", default: "6" },
  conversations: { type: "string" },
  tenants: { type: "string", default: "5" },
  nodes: { type: "string" },
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
  const { help: _help, "real-beats": real, routing, ...given } = values;
  const numbers = {
    ...given,
    conversations: given.conversations ?? (routing ? "2000" : "500"),
    nodes: given.nodes ?? (routing ? "4" : "3"),
  };
  const read = Object.entries(numbers).map(([name, text]) => {
    const value = Number(text);
    if (!Number.isFinite(value) || value < 0 || (value === 0 && name !== "seed"))
      throw new TypeError(`--${name} needs a number above 0`);
    return [name, value] as const;
  });
  const env = real ? Object.fromEntries(beats.map((name) => [name, settings[name].fallback])) : {};
  return { ...(Object.fromEntries(read) as Record<keyof typeof numbers, number>), env, routing };
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
  const { minutes, routing, ...rest } = given;
  if (routing) {
    say(`seed ${rest.seed}`);
    const { broken, report } = await runRoutingChaos({ ...rest, say });
    say(report);
    return broken.length > 0 ? 1 : 0;
  }
  say(`seed ${rest.seed}, ${minutes} minutes`);
  const result = await runChaos({ ...rest, seconds: minutes * 60, say });
  say(result.report);
  return result.violations > 0 ? 1 : 0;
};

process.exitCode = await main();
