import { expect, test } from "vitest";
import { startPrivateCluster } from "../support/cluster.ts";
import { runSeed, seededRandom } from "../support/random.ts";
import { beginTalk, keepTalking } from "../support/talk.ts";
import { flushRedis } from "./faults.ts";

test("messages are stored, acked and shown while Redis is down, and afterwards", async () => {
  const random = seededRandom(runSeed("Redis is killed"));
  const cluster = await startPrivateCluster();
  const [first, second] = cluster.list;
  const tenant = await cluster.tenant();
  const agent = await cluster.agent(tenant, { at: first! });
  const contact = await cluster.contact(tenant, { at: second! });
  const talk = await beginTalk(contact, [agent]);
  const talking = keepTalking([talk], random);
  await talking.more(10);
  await cluster.redis.kill();
  // Redis stays down until these came through.
  await talking.more(20);
  const { ack } = await contact.send(talk.conversationId, "is anybody there?");
  await agent.upTo(talk.conversationId, ack!.seq);
  const newcomer = await cluster.contact(tenant);
  const { id } = await newcomer.start("I came while Redis was down");
  await newcomer.send(id, "and I am served");
  await cluster.redis.start();
  await talking.more(20);
  await talking.stop();
  expect(cluster.list.map(({ ended }) => ended)).toEqual([undefined, undefined]);
  expect(await cluster.verdict()).toContain("Nothing was lost");
});

test("an emptied Redis costs no message, and presence comes back by itself", async () => {
  const random = seededRandom(runSeed("Redis is emptied"));
  const cluster = await startPrivateCluster();
  const tenant = await cluster.tenant({ roles: ["agent", "manager"] });
  const agent = await cluster.agent(tenant);
  const talks = [];
  for (let i = 0; i < 4; i += 1) talks.push(await beginTalk(await cluster.contact(tenant), [agent]));
  const talking = keepTalking(talks, random);
  for (let i = 0; i < 3; i += 1) {
    await talking.more(15);
    await flushRedis(cluster);
  }
  await talking.more(15);
  await talking.stop();
  const manager = await cluster.agent(tenant, { agent: tenant.agents[1]! });
  const presenceOf = () => manager.colleague(agent.recording.actor.id)?.presence;
  expect(await manager.until(() => presenceOf() === "online", "the agent counts as online")).toBe(true);
  expect(await cluster.verdict()).toContain("Nothing was lost");
});
