import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

export const parts = ["throughput", "latency", "cluster", "memory"] as const;
export type Part = (typeof parts)[number];

export type Options = {
  parts: Part[];
  rounds: number;
  /** Length of one measured span and of what precedes it, milliseconds. */
  ms: number;
  warmMs: number;
  conversations: number;
  receivers: number;
  windows: number[];
  idleSockets: number;
  pin: boolean;
  flags: string[];
};

/** What `npm run node` gives to Node itself: the bench starts nodes as everybody does. */
export const usualFlags = (): string => {
  const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    scripts: { node: string };
  };
  return /^node ((?:--max-\S+ )*)/u.exec(scripts.node)?.[1]?.trim() ?? "";
};

const usage = `npm run bench -- [options]

Measures Parley's node against a bare Socket.IO server (a) and the same with one INSERT a message (b), all on this
machine, with Postgres and Redis of its own in a temporary folder. Writes loadtest/results/bench-<time>.json.

  --quick             one round of short spans: about a minute and a half, numbers for orientation only
  --only <parts>      some of ${parts.join(", ")}; separated by commas
  --rounds <n>        rounds of each comparison, interleaved; medians are reported (default 5)
  --seconds <n>       length of a measured span (default 5)
  --conversations <n> each with one sender and one receiver (default 200)
  --windows <list>    messages in flight per sender (default 1,4; aims are judged at 4)
  --idle-sockets <n>  for the memory part, half agents, half widgets (default 5000)
  --flags="<flags>"   for the Node process of every server (default: those of npm run node)
  --no-pin            do not bind processes to cores
  --help              this text

The server under test has a core to itself; the load generator, Postgres and Redis share another. Close what else runs:
the load average is written beside the results, and above 1 they mean little.`;

/** Ends the process with a sentence and the usage. */
const refuse = (sentence: string): never => {
  console.error(`${sentence}\n\n${usage}`);
  process.exit(2);
};

const whole = (name: string, value: string, least: number, most: number): number => {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  return refuse(`--${name} takes a whole number from ${least} to ${most}.`);
};

const read = () => {
  try {
    return parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        only: { type: "string" },
        rounds: { type: "string" },
        seconds: { type: "string" },
        conversations: { type: "string", default: "200" },
        windows: { type: "string", default: "1,4" },
        "idle-sockets": { type: "string" },
        flags: { type: "string", default: usualFlags() },
        "no-pin": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
};

/** The options of the command line. Ends the process where they make no sense, or after `--help`. */
export const readOptions = (): Options => {
  const values = read();
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  const { quick } = values;
  const wanted = values.only?.split(",") ?? [...parts];
  for (const part of wanted) if (!parts.includes(part as Part)) refuse(`There is no part "${part}".`);
  return {
    parts: wanted as Part[],
    rounds: whole("rounds", values.rounds ?? (quick ? "1" : "5"), 1, 100),
    ms: whole("seconds", values.seconds ?? (quick ? "2" : "5"), 1, 600) * 1_000,
    warmMs: quick ? 1_500 : 2_000,
    conversations: whole("conversations", values.conversations, 20, 5_000),
    receivers: 20,
    windows: values.windows.split(",").map((window) => whole("windows", window, 1, 100)),
    idleSockets: whole("idle-sockets", values["idle-sockets"] ?? (quick ? "1000" : "5000"), 100, 20_000),
    pin: !values["no-pin"],
    flags: values.flags.split(" ").filter((flag) => flag !== ""),
  };
};
