import { expect, test } from "vitest";
import { startCluster } from "../support/cluster.ts";
import { runSeed, seededRandom } from "../support/random.ts";
import { beginTalk, keepTalking } from "../support/talk.ts";
import { eventually, sleep } from "../support/wait.ts";

// Where a message can be when its node dies: not stored yet; stored, but neither told nor acked; told and not acked.
const points = ["append:before-commit", "append:after-commit", "append:after-publish"];

test.each(points)("a message whose node dies at %s is stored once and reaches everybody", async (point) => {
  const cluster = await startCluster({ envOf: (index) => ({ FAILPOINTS: index === 0 ? `${point}:6` : "" }) });
  const [doomed, other] = cluster.list;
  const tenant = await cluster.tenant();
  const witness = await cluster.agent(tenant, { at: other! });
  // The balancer takes turns, so the contact's first connection is sent to the node that is going to die.
  cluster.balancer.retarget({ host: "127.0.0.1", port: doomed!.port });
  const contact = await cluster.contact(tenant);
  cluster.balancer.retarget(...cluster.list.map(({ port }) => ({ host: "127.0.0.1", port })));
  const { id } = await contact.start("hello");
  await witness.open(id);
  for (let i = 0; i < 8; i += 1) await contact.send(id, `message ${i}`);
  await eventually(() => doomed!.ended, "the armed node died");
  expect(doomed!.ended).toEqual({ code: null, signal: "SIGKILL" });
  await witness.upTo(id, contact.shownSeq(id));
  expect(await cluster.verdict()).toContain("Nothing was lost");
});

test("nothing is lost when nodes are killed at random under load", async () => {
  const random = seededRandom(runSeed("nodes are killed"));
  const cluster = await startCluster({ count: 3 });
  const tenant = await cluster.tenant({ roles: ["agent", "agent"] });
  const agents = [await cluster.agent(tenant), await cluster.agent(tenant, { agent: tenant.agents[1]! })];
  const talks = [];
  for (let i = 0; i < 8; i += 1) talks.push(await beginTalk(await cluster.contact(tenant), agents));
  const talking = keepTalking(talks, random);
  for (let i = 0; i < 3; i += 1) {
    const node = random.pick(cluster.list);
    await talking.more(20);
    await sleep(random.between(0, 50));
    await node.kill();
    await talking.more(20);
    await node.start();
  }
  await talking.stop();
  expect(await cluster.verdict()).toContain("Nothing was lost");
});

test("an agent whose node dies goes offline when the lease is out, and is back with the next connection", async () => {
  const cluster = await startCluster();
  const [doomed, other] = cluster.list;
  const tenant = await cluster.tenant({ roles: ["agent", "manager"] });
  const agent = await cluster.agent(tenant, { at: doomed! });
  const manager = await cluster.agent(tenant, { agent: tenant.agents[1]!, at: other! });
  const presence = () => manager.colleague(tenant.agents[0]!.id)?.presence;
  expect(await manager.until(() => presence() === "online", "the agent is online")).toBe(true);
  await doomed!.kill();
  expect(await manager.until(() => presence() === "offline", "the agent is offline")).toBe(true);
  await doomed!.start();
  expect(await manager.until(() => presence() === "online", "the agent is online again")).toBe(true);
  expect(agent.readies).toBe(2);
});
