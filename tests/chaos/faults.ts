import { Redis } from "ioredis";
import type { Nodes, TestNode } from "../support/nodes.ts";
import { messageMark } from "../support/virtual-client.ts";
import { seededRandom } from "../support/random.ts";
import type { Random } from "../support/random.ts";
import type { Services } from "../support/services.ts";
import { sleep } from "../support/wait.ts";

export type World = { nodes: Nodes; services: Services; random: Random };

/** Something that goes wrong with one target and is over when the promise resolves. */
export type Fault = { name: string; target: string; strike: () => Promise<void> };

const awhile = ({ random }: World, least: number, most: number) => sleep(random.between(least, most));

/** Empties Redis, as a failover to an empty replica would. */
export const flushRedis = async (services: Pick<Services, "redis">): Promise<void> => {
  const client = new Redis(services.redis.url, { lazyConnect: true });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.flushall();
  } finally {
    client.disconnect();
  }
};

// Where nobody speaks the moment does not come.
const patienceMs = 1_000;

/** Cuts a node off from Postgres at the moment it stores a message, `times` in a row. */
const cutAtCommit = async (world: World, node: TestNode, times: number): Promise<void> => {
  for (let i = 0; i < times; i += 1) {
    const act = world.random.pick(["before", "after", "reply"] as const);
    const marker = world.random.fraction() < 0.75 ? messageMark : "COMMIT";
    await node.postgres.cutWhen({ direction: "toServer", marker, act }, patienceMs);
    await awhile(world, 20, 200);
  }
  node.postgres.heal();
};

const onNodes: Record<string, (world: World, node: TestNode) => Promise<void>> = {
  "is killed": async (world, node) => {
    await node.kill();
    await awhile(world, 200, 2_000);
    await node.start();
  },
  "is told to end": async (world, node) => {
    await node.kill("SIGTERM");
    await awhile(world, 0, 500);
    await node.start();
  },
  "is frozen": async (world, node) => {
    node.freeze();
    await awhile(world, 500, 4_000);
    node.thaw();
  },
  "is cut off from Redis": async (world, node) => {
    if (world.random.fraction() < 0.5) node.redis.refuse();
    else node.redis.swallow();
    await awhile(world, 1_000, 5_000);
    node.redis.heal();
  },
  "has a slow Redis": async (world, node) => {
    node.redis.delay(world.random.between(100, 500));
    await awhile(world, 1_000, 3_000);
    node.redis.heal();
  },
  "is cut off from Postgres": async (world, node) => {
    node.postgres.refuse();
    await awhile(world, 200, 2_000);
    node.postgres.heal();
  },
  "loses Postgres at the moment of commit": (world, node) => cutAtCommit(world, node, world.random.between(3, 10)),
};

const onAll: Record<string, [target: string, strike: (world: World) => Promise<void>]> = {
  "Redis is killed": [
    "Redis",
    async (world) => {
      await world.services.redis.kill();
      await awhile(world, 200, 3_000);
      await world.services.redis.start();
    },
  ],
  "Redis is emptied": ["Redis", ({ services }) => flushRedis(services)],
  "Postgres crashes": [
    "Postgres",
    async (world) => {
      await world.services.postgres.kill("SIGQUIT");
      await awhile(world, 0, 1_000);
      await world.services.postgres.start();
    },
  ],
  "Postgres is restarted": [
    "Postgres",
    async (world) => {
      await world.services.postgres.kill("SIGINT");
      await awhile(world, 0, 1_000);
      await world.services.postgres.start();
    },
  ],
  "all clients are cut off": ["clients", async ({ nodes }) => nodes.balancer.cut()],
  "a client is cut off as its message leaves": [
    "clients",
    async ({ nodes }) => {
      await nodes.balancer.cutWhen({ direction: "toServer", marker: messageMark, act: "after" }, patienceMs);
    },
  ],
  "a client is cut off before its ack": [
    "clients",
    async ({ nodes }) => {
      await nodes.balancer.cutWhen({ direction: "toClient", marker: messageMark, act: "before" }, patienceMs);
    },
  ],
};

const drawFault = ({ random, ...world }: World): Fault => {
  // Each fault draws from a source of its own: two at once must not depend on who comes first.
  const own: World = { ...world, random: seededRandom(random.between(0, 2 ** 31)) };
  if (random.fraction() < 0.6) {
    const name = random.pick(Object.keys(onNodes));
    const node = random.pick(world.nodes.list);
    return { name: `${node.name} ${name}`, target: node.name, strike: () => onNodes[name]!(own, node) };
  }
  const name = random.pick(Object.keys(onAll));
  const [target, strike] = onAll[name]!;
  return { name, target, strike: () => strike(own) };
};

/** What goes wrong next, at times two things at once; which, where and for how long follows from the seed alone. */
export const nextFaults = (world: World): Fault[] => {
  const [one, other] = [drawFault(world), drawFault(world)];
  const both = world.random.fraction() < 0.35 && one.target !== other.target;
  return both ? [one, other] : [one];
};
