import { check, report } from "../support/checker.ts";
import { gatherEvidence } from "../support/evidence.ts";
import type { Witness } from "../support/evidence.ts";
import { startNodes } from "../support/nodes.ts";
import type { Nodes } from "../support/nodes.ts";
import { agentAt, contactAt, sdkAgentAt, sdkContactAt } from "../support/people.ts";
import { seededRandom } from "../support/random.ts";
import { startServices, superuserPool } from "../support/services.ts";
import { beginTalk, keepTalking } from "../support/talk.ts";
import type { Talk } from "../support/talk.ts";
import { createTenant, openSession } from "../support/tenant.ts";
import { sleep } from "../support/wait.ts";
import { nextFaults } from "./faults.ts";

export type ChaosOptions = {
  seconds: number;
  seed: number;
  nodes?: number;
  tenants?: number;
  conversations?: number;
  /** Messages a second over all conversations, as long as nothing is wrong. */
  rate?: number;
  /** Settings of the nodes on top of the tests' short beats. */
  env?: Record<string, string>;
  say: (line: string) => void;
};

export type ChaosResult = { violations: number; report: string };

/** Opens the conversations, a few at a time: this is not the storm yet. */
const fill = async (
  url: string,
  superuser: ReturnType<typeof superuserPool>,
  tenants: number,
  conversations: number,
) => {
  const people: Witness[] = [];
  const talks: Talk[] = [];
  const open = async (count: number) => {
    const tenant = await createTenant(superuser, { roles: ["agent", "agent"] });
    // Half of the agents and a fifth of the contacts use the client that Parley ships.
    const agents: Witness[] = [];
    for (const [i, agent] of tenant.agents.entries()) {
      const token = await openSession(superuser, tenant, agent, 24 * 3_600);
      agents.push((i % 2 ? sdkAgentAt : agentAt)(url, tenant, { agent, token: () => token }));
    }
    people.push(...agents);
    await Promise.all(agents.map((agent) => agent.connect()));
    for (let opened = 0; opened < count;) {
      const some: Witness[] = Array.from({ length: Math.min(10, count - opened) }, (_, i) =>
        (i % 5 === 0 ? sdkContactAt : contactAt)(url, tenant),
      );
      people.push(...some);
      opened += some.length;
      const begun = some.map(async (contact) => {
        await contact.connect();
        talks.push(await beginTalk(contact, agents));
      });
      await Promise.all(begun);
    }
  };
  const shares = Array.from({ length: tenants }, (_, i) => Math.floor((conversations + i) / tenants));
  await Promise.all(shares.map(open));
  return { people, talks };
};

/** Strikes one fault after the other until the time is up, then heals everything. */
const strike = async (world: Parameters<typeof nextFaults>[0], seconds: number, say: (line: string) => void) => {
  const began = Date.now();
  const clock = () => `${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s`;
  while (Date.now() - began < seconds * 1000) {
    const faults = nextFaults(world);
    say(`${clock()}  ${faults.map(({ name }) => name).join(", and ")}`);
    await Promise.all(faults.map((fault) => fault.strike()));
    await sleep(world.random.between(300, 2_500));
  }
  say(`${clock()}  everything is healed`);
  for (const { postgres, redis } of world.nodes.list) {
    postgres.heal();
    redis.heal();
  }
  world.nodes.balancer.heal();
};

/** Only what a fault ends may end: no packet, no outage and no load ends a node by itself. */
const endedByThemselves = (nodes: Nodes): string[] =>
  nodes.list
    .filter((node) => node.pid === undefined)
    .map(
      (node) => `BROKEN: ${node.name} ended by itself (${JSON.stringify(node.ended)}):\n${node.log().slice(-2_000)}`,
    );

/**
 * Real nodes, many conversations under load, and everything that can go wrong, in an order that follows from the seed.
 * Starts and stops all it needs. Rejects when something could not even be started.
 */
export const runChaos = async (options: ChaosOptions): Promise<ChaosResult> => {
  const { seconds, seed, say, conversations = 500, rate = 150 } = options;
  const random = seededRandom(seed);
  const services = await startServices();
  const superuser = superuserPool(services.postgres.ownerUrl);
  let nodes: Nodes | undefined;
  let people: Witness[] = [];
  try {
    const { postgres, redis } = services;
    const stores = { ownerUrl: postgres.ownerUrl, appUrl: postgres.appUrl, redisUrl: redis.url };
    nodes = await startNodes({ stores, count: options.nodes ?? 3, ...(options.env && { env: options.env }) });
    say(`${nodes.list.length} nodes at ${nodes.url}; opening ${conversations} conversations`);
    const filled = await fill(nodes.url, superuser, options.tenants ?? 5, conversations);
    people = filled.people;
    const talking = keepTalking(filled.talks, seededRandom(seed + 1), { pauseMs: (conversations / rate) * 1000 });
    await strike({ nodes, services, random }, seconds, say);
    await talking.stop();
    say(`${talking.acked} messages acked under load; looking at what everybody saw`);
    const evidence = await gatherEvidence(superuser, people);
    const violations = check(evidence);
    const ended = endedByThemselves(nodes);
    return {
      violations: violations.length + ended.length,
      report: [...ended, report(violations, evidence)].join("\n"),
    };
  } finally {
    for (const person of people) person.close();
    await nodes?.stop();
    await superuser.end();
    await services.stop();
  }
};
