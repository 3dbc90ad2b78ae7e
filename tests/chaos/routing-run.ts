import { startNodes } from "../support/nodes.ts";
import type { Nodes } from "../support/nodes.ts";
import { seededRandom } from "../support/random.ts";
import { startServices, superuserPool } from "../support/services.ts";
import { openSession } from "../support/tenant.ts";
import { eventually, sleep } from "../support/wait.ts";
import { startWorkers } from "../support/workers.ts";
import { brokenPromises, listStuck } from "./routing-checks.ts";
import { createAgent, startConversations } from "./routing-people.ts";
import type { BusyAgent } from "./routing-people.ts";
import { settleCompany } from "./routing-world.ts";

export type RoutingChaosOptions = {
  seed: number;
  conversations: number;
  agents: number;
  departments: number;
  nodes: number;
  say: (line: string) => void;
};

// Presence is a lease: who has just come or gone may count the other way for as long.
const settledMs = 6_000;
const longestWaitMs = 5_000;
const lookEveryMs = 500;

/** Watches that nobody waits for long while somebody could take them; faults start the clock anew. */
const watchQueue = (superuser: Parameters<typeof listStuck>[0], tenantId: string, agents: BusyAgent[]) => {
  const since = new Map<string, number>();
  const findings: string[] = [];
  const watching = { on: true };
  const look = async () => {
    const now = Date.now();
    const working = agents.filter((agent) => agent.since !== undefined && now - agent.since > settledMs);
    const stuck = await listStuck(
      superuser,
      tenantId,
      working.map(({ id }) => id),
    ).catch((): string[] => []);
    for (const id of since.keys()) if (!stuck.includes(id)) since.delete(id);
    for (const id of stuck) {
      const from = since.get(id) ?? now;
      since.set(id, from);
      if (now - from > longestWaitMs) {
        findings.push(`BROKEN: ${id} waits for ${now - from} ms although an agent is free`);
        since.delete(id);
      }
    }
  };
  const done = (async () => {
    while (watching.on) {
      await look();
      await sleep(lookEveryMs);
    }
  })();
  return {
    findings,
    startOver: () => since.clear(),
    stop: async () => {
      watching.on = false;
      await done;
    },
  };
};

/**
 * A busy company on several nodes: conversations arrive anywhere, agents accept, decline, miss and resolve, come and go;
 * a node is killed, a node is frozen and Redis restarts in between. Then the tables are asked whether every promise of
 * routing was kept. Starts and stops all it needs.
 */
export const runRoutingChaos = async (options: RoutingChaosOptions): Promise<{ broken: string[]; report: string }> => {
  const { seed, conversations, say } = options;
  const random = seededRandom(seed);
  const services = await startServices();
  const superuser = superuserPool(services.postgres.ownerUrl);
  let nodes: Nodes | undefined;
  let workers: Awaited<ReturnType<typeof startWorkers>> | undefined;
  const agents: BusyAgent[] = [];
  try {
    const { postgres, redis } = services;
    const stores = { ownerUrl: postgres.ownerUrl, appUrl: postgres.appUrl, redisUrl: redis.url };
    const env = { HANDOVER_GRACE_SECONDS: "4", DATABASE_POOL_SIZE: "10" };
    nodes = await startNodes({ stores, count: options.nodes, env });
    workers = await startWorkers(stores, env);
    const { tenant, departmentIds, agents: members } = await settleCompany(superuser, random, options);
    const place = { list: nodes.list, random };
    const pace = { leastMs: 200, mostMs: 2_000 };
    for (const member of members)
      agents.push(createAgent(member.id, await openSession(superuser, tenant, member, 24 * 3_600), place, pace));
    for (const agent of agents) agent.come();
    await eventually(() => agents.every(({ since }) => since !== undefined), "every agent is at work");
    say(`${agents.length} agents on ${nodes.list.length} nodes; ${conversations} conversations arrive`);

    const began = Date.now();
    const watch = watchQueue(superuser, tenant.id, agents);
    const arriving = { more: true };
    const visitors = Math.min(50, conversations);
    const arrivals = Promise.all(
      Array.from({ length: visitors }, (_, i) =>
        startConversations(tenant, place, {
          departmentIds,
          count: Math.floor((conversations + i) / visitors),
          pauseMs: 800,
        }),
      ),
    ).then((lists) => {
      arriving.more = false;
      return lists.flat();
    });
    const clock = () => `${((Date.now() - began) / 1_000).toFixed(1).padStart(6)} s`;
    const note = (what: string) => {
      say(`${clock()}  ${what}`);
      watch.startOver();
    };
    const faults = [
      async () => {
        const node = random.pick(nodes!.list);
        note(`${node.name} is killed`);
        await node.kill("SIGKILL");
        await sleep(random.between(1_000, 3_000));
        await node.start();
        note(`${node.name} is back`);
      },
      async () => {
        note("Redis restarts");
        await redis.kill("SIGKILL");
        await redis.start();
        note("Redis is back");
      },
      async () => {
        const some = Array.from({ length: Math.ceil(agents.length / 6) }, () => random.pick(agents));
        note(`${some.length} agents leave`);
        for (const agent of some) agent.go();
        await sleep(random.between(500, 7_000));
        for (const agent of some) if (agent.since === undefined) agent.come();
      },
      async () => {
        const node = random.pick(nodes!.list);
        note(`${node.name} freezes`);
        node.freeze();
        await sleep(4_000);
        node.thaw();
        note(`${node.name} thaws`);
      },
    ];
    // Each kind at least once, then in any order for as long as conversations come.
    for (let i = 0; arriving.more || i < faults.length; i += 1) {
      await sleep(random.between(500, 1_500));
      await (faults[i] ?? random.pick(faults))();
    }
    const started = await arrivals;
    note("all have arrived");
    for (const agent of agents) if (agent.since === undefined) agent.come();
    const open = async () => {
      const { rows } = await superuser.query<{ count: number }>(
        "SELECT count(*)::int AS count FROM conversations WHERE tenant_id = $1 AND status <> 'resolved'",
        [tenant.id],
      );
      return rows[0]!.count;
    };
    await eventually(async () => (await open()) === 0, "every conversation is answered and resolved", {
      ms: 180_000,
      everyMs: 500,
    }).catch(async () => watch.findings.push(`BROKEN: ${await open()} conversations are not resolved in the end`));
    await watch.stop();
    const broken = [...watch.findings, ...(await brokenPromises(superuser, tenant.id))];
    const ended = nodes.list.filter((node) => node.pid === undefined);
    for (const node of ended) broken.push(`BROKEN: ${node.name} ended by itself:\n${node.log().slice(-2_000)}`);
    const { rows } = await superuser.query<{ assignments: number; offers: number; queued: number }>(
      `SELECT (SELECT count(*)::int FROM assignments WHERE tenant_id = $1) AS assignments,
         (SELECT count(*)::int FROM offers WHERE tenant_id = $1) AS offers,
         (SELECT count(*)::int FROM conversations WHERE tenant_id = $1) AS queued`,
      [tenant.id],
    );
    const { assignments, offers } = rows[0]!;
    if (rows[0]!.queued !== new Set(started).size)
      broken.push(`BROKEN: ${started.length} starts were acked, ${rows[0]!.queued} are stored`);
    const seconds = ((Date.now() - began) / 1_000).toFixed(0);
    return {
      broken,
      report: [
        ...broken,
        `${started.length} conversations, ${assignments} assignments, ${offers} offers in ${seconds} s: ${broken.length === 0 ? "every promise was kept" : `${broken.length} promises were broken`}`,
      ].join("\n"),
    };
  } finally {
    for (const agent of agents) agent.go();
    await workers?.stop();
    await nodes?.stop();
    await superuser.end();
    await services.stop();
  }
};
