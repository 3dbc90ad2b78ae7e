import { expect, test } from "vitest";
import { hear } from "../socket/support/hear.ts";
import type { Ear } from "../socket/support/hear.ts";
import { flushRedis } from "../chaos/faults.ts";
import { startCluster, startPrivateCluster } from "../support/cluster.ts";
import type { Cluster } from "../support/cluster.ts";
import type { Person } from "../support/people.ts";
import { addAgent } from "../support/tenant.ts";
import { eventually } from "../support/wait.ts";
import { startWorkers } from "../support/workers.ts";

/** What somebody was told of one other person, the latest last. */
const toldOf = (ear: Ear, id: string) =>
  ear.of("presence:changed", ({ actor }) => actor.id === id).map(({ presence }) => presence);

const lastly = (person: Person, ear: Ear, id: string, presence: string) =>
  person.until(() => toldOf(ear, id).at(-1) === presence, `${presence} is what was told last of ${id}`);

/**
 * On the first node: an agent and a contact, who talk to each other's opposites on the second: another contact, who sees the
 * agent, and a manager, who sees agent and contact. The people of the first node stay with it, whatever becomes of it.
 */
const settle = async (cluster: Cluster) => {
  const [doomed, other] = cluster.list;
  const tenant = await cluster.tenant({ roles: ["agent", "manager"] });
  const agent = await cluster.agent(tenant, { at: doomed! });
  const contact = await cluster.contact(tenant, { at: doomed! });
  const manager = await cluster.agent(tenant, { agent: tenant.agents[1]!, at: other! });
  const visitor = await cluster.contact(tenant, { at: other! });
  const [ofManager, ofVisitor] = [await hear(manager), await hear(visitor)];
  const { id: ofContact } = await contact.start("hello");
  const { id: ofAgent } = await visitor.start("hello");
  await agent.command("conversation:assign", { conversationId: ofAgent });
  await manager.open(ofContact);
  const ids = { agent: tenant.agents[0]!.id, contact: contact.ready!.actor.id };
  await lastly(visitor, ofVisitor, ids.agent, "online");
  await lastly(manager, ofManager, ids.contact, "online");
  await eventually(async () => {
    const { colleagues } = (await cluster.agent(tenant, { agent: tenant.agents[1]!, at: other! })).ready!;
    return colleagues!.some(({ id, presence }) => id === ids.agent && presence === "online");
  }, "the agent is online on the other node");
  const everybodySees = async (presence: string) => {
    await lastly(manager, ofManager, ids.agent, presence);
    await lastly(manager, ofManager, ids.contact, presence);
    await lastly(visitor, ofVisitor, ids.agent, presence);
  };
  return { tenant, agent, contact, manager, visitor, ofManager, ofVisitor, ids, everybodySees };
};

test("a killed node's agents and contacts are offline when its lease has run out, and online when they are back", async () => {
  const cluster = await startCluster();
  const [doomed] = cluster.list;
  const { everybodySees } = await settle(cluster);
  await doomed!.kill();
  await everybodySees("offline");
  await doomed!.start();
  await everybodySees("online");
  expect(await cluster.verdict()).toContain("Nothing was lost");
});

test("a frozen node's people are offline, and its thaw brings nobody back who has gone", async () => {
  const cluster = await startCluster();
  const [frozen] = cluster.list;
  const { tenant, agent, contact, manager, ofManager, ofVisitor, ids, everybodySees } = await settle(cluster);
  frozen!.freeze();
  await everybodySees("offline");
  agent.close();
  contact.close();
  frozen!.thaw();
  // The thawed node is at work again: who comes to it now is seen.
  const late = await addAgent(cluster.superuser, tenant);
  await cluster.agent(tenant, { agent: late, at: frozen! });
  await lastly(manager, ofManager, late.id, "online");
  expect(toldOf(ofManager, ids.agent).at(-1)).toBe("offline");
  expect(toldOf(ofManager, ids.contact).at(-1)).toBe("offline");
  expect(toldOf(ofVisitor, ids.agent).at(-1)).toBe("offline");
  const { ready } = await cluster.agent(tenant, { agent: late, at: frozen! });
  expect(ready!.colleagues!.find(({ id }) => id === ids.agent)).toMatchObject({ presence: "offline" });
});

test("who has a tab on another node as well does not go with the node that dies", async () => {
  const cluster = await startCluster({ count: 3 });
  const [doomed, second, third] = cluster.list;
  const tenant = await cluster.tenant({ roles: ["agent", "manager", "agent"] });
  await cluster.agent(tenant, { at: doomed! });
  await cluster.agent(tenant, { at: second! });
  const alone = await cluster.agent(tenant, { agent: tenant.agents[2]!, at: doomed! });
  const manager = await cluster.agent(tenant, { agent: tenant.agents[1]!, at: third! });
  const [both, one] = [tenant.agents[0]!.id, alone.ready!.actor.id];
  for (const id of [both, one])
    await manager.until(() => manager.colleague(id)?.presence === "online", "both are there");
  const ear = await hear(manager);
  await doomed!.kill();
  await lastly(manager, ear, one, "offline");
  expect(toldOf(ear, both)).not.toContain("offline");
});

test("an emptied Redis shows nobody as gone who is there, and a restarted one neither", async () => {
  const cluster = await startPrivateCluster();
  const { tenant, agent, manager, ofManager, ofVisitor, ids } = await settle(cluster);
  // Whoever comes afterwards is seen: presence is at work again.
  const somebodyComes = async () => {
    const late = await addAgent(cluster.superuser, tenant);
    await cluster.agent(tenant, { agent: late, at: cluster.list[0]! });
    await lastly(manager, ofManager, late.id, "online");
  };
  for (let i = 0; i < 3; i += 1) {
    await flushRedis(cluster);
    await somebodyComes();
  }
  await cluster.redis.kill();
  await cluster.redis.start();
  await somebodyComes();
  expect(toldOf(ofManager, ids.agent)).not.toContain("offline");
  expect(toldOf(ofManager, ids.contact)).not.toContain("offline");
  expect(toldOf(ofVisitor, ids.agent)).not.toContain("offline");
  // And who goes now is seen to go.
  agent.close();
  await lastly(manager, ofManager, ids.agent, "offline");
});

test("idle on one node and at work on another is at work, whichever is asked", async () => {
  const cluster = await startCluster();
  const [first, second] = cluster.list;
  const tenant = await cluster.tenant({ roles: ["agent", "manager"] });
  const desk = await cluster.agent(tenant, { at: first! });
  const phone = await cluster.agent(tenant, { at: second! });
  const manager = await cluster.agent(tenant, { agent: tenant.agents[1]!, at: second! });
  const id = tenant.agents[0]!.id;
  const ear = await hear(manager);
  expect(await desk.command("presence:set", { presence: "idle" })).toEqual({ presence: "online" });
  expect(await phone.command("presence:set", { presence: "idle" })).toEqual({ presence: "idle" });
  await lastly(manager, ear, id, "idle");
  expect(await desk.command("presence:set", { presence: "online" })).toEqual({ presence: "online" });
  await lastly(manager, ear, id, "online");
  expect(await phone.command("presence:set", { presence: "idle" })).toEqual({ presence: "online" });
});

test("what an agent of a killed node holds is handed back once by the workers, and to who is there", async () => {
  const cluster = await startPrivateCluster();
  const { postgres, redis } = cluster;
  const stores = { ownerUrl: postgres.ownerUrl, appUrl: postgres.appUrl, redisUrl: redis.url };
  const workers = await Promise.all([1, 2].map(() => startWorkers(stores, { HANDOVER_GRACE_SECONDS: "1" })));
  try {
    const [doomed, other] = cluster.list;
    const tenant = await cluster.tenant({ roles: ["agent", "agent"], strategy: "least_loaded" });
    const agent = await cluster.agent(tenant, { at: doomed! });
    const contact = await cluster.contact(tenant, { at: other! });
    const { id } = await contact.start("hello");
    await agent.until(() => agent.following.includes(id), "the agent has it");
    await cluster.agent(tenant, { agent: tenant.agents[1]!, at: other! });
    await doomed!.kill();
    const held = await eventually(
      async () => {
        const { rows } = await cluster.superuser.query<{ agentId: string; endReason: string | null }>(
          `SELECT agent_id AS "agentId", end_reason AS "endReason" FROM assignments WHERE conversation_id = $1 ORDER BY started_at`,
          [id],
        );
        return rows.length > 1 ? rows : undefined;
      },
      "it is with somebody else",
      { ms: 40_000 },
    );
    expect(held).toEqual([
      { agentId: tenant.agents[0]!.id, endReason: "agent_absent" },
      { agentId: tenant.agents[1]!.id, endReason: null },
    ]);
    await contact.upTo(id, 4);
    const { rows } = await cluster.superuser.query(
      "SELECT activity->>'type' AS type FROM entries WHERE conversation_id = $1 AND kind = 'activity' ORDER BY seq",
      [id],
    );
    expect(rows.map(({ type }) => type)).toEqual(["assigned", "requeued", "assigned"]);
    await doomed!.start();
    expect(await cluster.verdict()).toContain("Nothing was lost");
  } finally {
    await Promise.all(workers.map(({ stop }) => stop()));
  }
});
