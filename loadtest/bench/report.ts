import type { Measured } from "./measure.ts";
import type { Idle } from "./memory.ts";

export type Aim = { name: string; value: number; aim: string; met: boolean };
export type Results = {
  machine: { model: string; cores: number; node: string; load: number };
  pinning: string;
  options: object;
  throughput: Measured[];
  latency: Measured[];
  cluster: Measured[];
  /** Microseconds of CPU a second that the third node uses while nothing happens. */
  quietMicrosPerSecond: number;
  memory: Idle[];
  aims: Aim[];
};

const table = (head: string[], rows: (string | number)[][]): string => {
  const lines = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_title, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join("  "),
  );
  return [text[0], "-".repeat(text[0]!.length), ...text.slice(1)].join("\n");
};

const paceOf = ({ pace }: Measured) => ("window" in pace ? `window ${pace.window}` : `${pace.perSecond}/s`);
const micros = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? "n/a" : value.toFixed(1));

const main = (measured: Measured[]): string =>
  table(
    [
      "",
      "load",
      "acked/s",
      "ack p50",
      "p99 ms",
      "delivery p50",
      "p99 ms",
      "server us",
      "postgres us",
      "generator us",
      "rounds",
    ],
    measured.map((one) => [
      one.variant,
      paceOf(one),
      one.ackedPerSecond,
      one.ack.p50,
      one.ack.p99,
      one.delivery.p50,
      one.delivery.p99,
      micros(one.cpu["server"] ?? (one.cpu["sender's node"] ?? 0) + (one.cpu["receiver's node"] ?? 0)),
      micros(one.cpu["postgres"]),
      micros(one.cpu["generator"]),
      one.rounds.join(" ") + (one.refused > 0 ? `; ${one.refused} refused` : ""),
    ]),
  );

const find = (measured: Measured[], letter: string, window?: number): Measured | undefined =>
  measured.find(
    ({ variant, pace }) =>
      variant.startsWith(letter) && (window === undefined || ("window" in pace && pace.window === window)),
  );

/** Of what arrives slower: a cluster that acks quickly and delivers late is not quick. */
const arriving = ({ ackedPerSecond, deliveredPerSecond }: Measured) => Math.min(ackedPerSecond, deliveredPerSecond);

/** What was aimed for and what came out; only of the parts that ran. */
export const judge = (results: Omit<Results, "aims">): Aim[] => {
  const aims: Aim[] = [];
  const note = (name: string, value: number, aim: string, met: boolean) =>
    aims.push({ name, value: Number(value.toFixed(2)), aim, met });
  const { throughput, latency, cluster, memory } = results;
  const [a, b, c] = ["a", "b", "c"].map((letter) => find(throughput, letter, 4));
  if (a && c)
    note(
      "c/a, acked/s at window 4",
      c.ackedPerSecond / a.ackedPerSecond,
      ">= 0.7",
      c.ackedPerSecond >= 0.7 * a.ackedPerSecond,
    );
  if (b && c)
    note(
      "c/b, acked/s at window 4",
      c.ackedPerSecond / b.ackedPerSecond,
      ">= 4",
      c.ackedPerSecond >= 4 * b.ackedPerSecond,
    );
  for (const window of [1, 4]) {
    const [one, two] = [find(cluster, "one", window), find(cluster, "d", window)];
    if (one && two)
      note(
        `two nodes / one, window ${window}`,
        arriving(two) / arriving(one),
        ">= 0.6",
        arriving(two) >= 0.6 * arriving(one),
      );
  }
  const [calmA, calmC] = [find(latency, "a"), find(latency, "c")];
  if (calmA && calmC)
    for (const what of ["ack", "delivery"] as const) {
      const most = 2 * calmA[what].p99 + 10;
      note(`p99 of ${what} at half load, ms`, calmC[what].p99, `<= ${most.toFixed(1)}`, calmC[what].p99 <= most);
    }
  const idle = memory.find(({ variant }) => variant.startsWith("c"));
  if (idle) note("KiB per idle socket", idle.kibPerSocket, "<= 25", idle.kibPerSocket <= 25);
  const apart = find(cluster, "d", 4);
  if (apart) {
    const cost = (apart.cpu["third node"] ?? 0) - results.quietMicrosPerSecond / apart.ackedPerSecond;
    note("us a message on a node without members", cost, "< 1", cost < 1);
  }
  return aims;
};

/** The results as people read them. */
export const print = (results: Results): string => {
  const { machine, pinning, throughput, latency, cluster, memory, aims } = results;
  const section = (title: string, measured: Measured[]) => (measured.length > 0 ? [`\n${title}`, main(measured)] : []);
  return [
    `${machine.model}, ${machine.cores} cores, Node ${machine.node}, load average ${machine.load} before the start`,
    pinning,
    ...section("Full load. CPU is microseconds a message.", throughput),
    ...section("Half of its own full load, open loop.", latency),
    ...section("Sender and receiver on two nodes, against one, all processes free on all cores.", cluster),
    ...(memory.length > 0
      ? [
          "\nIdle sockets",
          table(
            ["", "sockets", "KiB each"],
            memory.map((one) => [one.variant, one.sockets, one.kibPerSocket]),
          ),
        ]
      : []),
    "\nAims",
    table(
      ["", "measured", "aim", ""],
      aims.map((aim) => [aim.name, aim.value, aim.aim, aim.met ? "met" : "missed"]),
    ),
  ].join("\n");
};
