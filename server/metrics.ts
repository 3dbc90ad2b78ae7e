import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/**
 * Commands are counted in a plain map and become metrics when somebody asks: prom-client hashes its labels at every
 * increment, which on the hot path cost more than checking the payload.
 */
const countCommands = (registry: Registry): ((command: string, outcome: string) => void) => {
  const counts = new Map<string, Map<string, number>>();
  const commands = new Counter({
    name: "parley_commands_total",
    help: "Commands by name and outcome: ok or the error code",
    labelNames: ["command", "outcome"] as const,
    registers: [],
    collect() {
      this.reset();
      for (const [command, outcomes] of counts)
        for (const [outcome, count] of outcomes) this.inc({ command, outcome }, count);
    },
  });
  registry.registerMetric(commands);
  return (command, outcome) => {
    let outcomes = counts.get(command);
    if (!outcomes) counts.set(command, (outcomes = new Map<string, number>()));
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  };
};

/** What a node counts, in Prometheus' format at `/metrics`. */
export const createMetrics = () => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "parley_" });
  const registers = [registry];
  return {
    registry,
    countCommand: countCommands(registry),
    handshakes: new Counter({
      name: "parley_handshakes_total",
      help: "Handshakes by namespace and outcome",
      labelNames: ["namespace", "outcome"] as const,
      registers,
    }),
    violations: new Counter({
      name: "parley_violations_total",
      help: "What clients may not send, by kind",
      labelNames: ["kind"] as const,
      registers,
    }),
    slowConsumers: new Counter({
      name: "parley_slow_consumers_total",
      help: "Sockets closed for not reading",
      registers,
    }),
    sockets: new Gauge({
      name: "parley_sockets",
      help: "Connected sockets",
      labelNames: ["namespace"] as const,
      registers,
    }),
    appendPassedOver: new Counter({
      name: "parley_append_passed_over_total",
      help: "Times a message had to wait since its conversation was locked",
      registers,
    }),
    appendBatch: new Histogram({
      name: "parley_append_batch_size",
      help: "Messages stored per commit",
      buckets: [1, 2, 5, 10, 20, 50, 100, 200],
      registers,
    }),
    appendSeconds: new Histogram({
      name: "parley_append_seconds",
      help: "Time of one append commit",
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
    healed: new Counter({
      name: "parley_healed_total",
      help: "Heads told because a live event may have been missed",
      registers,
    }),
    offers: new Counter({
      name: "parley_offers_total",
      help: "Offers by how they ended",
      labelNames: ["status"] as const,
      registers,
    }),
    routingSeconds: new Histogram({
      name: "parley_routing_seconds",
      help: "Time of one turn of routing: a batch of one queue",
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
      registers,
    }),
    routingWaitSeconds: new Histogram({
      name: "parley_routing_wait_seconds",
      help: "How long a conversation had waited when routing gave it to an agent",
      buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 1_800, 7_200],
      registers,
    }),
    assignments: new Counter({
      name: "parley_assignments_total",
      help: "Assignments by trigger",
      labelNames: ["trigger"] as const,
      registers,
    }),
  };
};

export type Metrics = ReturnType<typeof createMetrics>;
