import { expect, test } from "vitest";
import { startCluster } from "../support/cluster.ts";
import { runSeed, seededRandom } from "../support/random.ts";
import { beginTalk, keepTalking } from "../support/talk.ts";
import { eventually } from "../support/wait.ts";

test.each(["refused", "swallowed"] as const)(
  "a node whose Redis traffic alone is %s goes on serving, and both sides of the cut converge",
  async (how) => {
    const random = seededRandom(runSeed(`one node's Redis is ${how}`));
    const cluster = await startCluster({ count: 3 });
    const [cutOff, other] = cluster.list;
    const tenant = await cluster.tenant();
    const inside = await cluster.contact(tenant, { at: cutOff! });
    const outside = await cluster.contact(tenant, { at: other! });
    const near = await cluster.agent(tenant, { at: cutOff! });
    const far = await cluster.agent(tenant, { at: other! });
    const talks = [await beginTalk(inside, [near, far]), await beginTalk(outside, [far, near])];
    const talking = keepTalking(talks, random);
    await talking.more(20);
    if (how === "refused") cutOff!.redis.refuse();
    else cutOff!.redis.swallow();
    await talking.more(40);
    // Convergence while the cut lasts, not only when it is over.
    for (const { conversationId, contact, agents } of talks) {
      const { ack } = await contact.send(conversationId, "across the cut");
      for (const agent of agents) await agent.upTo(conversationId, ack!.seq);
      const answer = await agents[1]!.send(conversationId, "and back");
      await contact.upTo(conversationId, answer.ack!.seq);
    }
    const health = async (url: string) => (await fetch(`${url}/health/ready`)).json();
    const statuses = await eventually(async () => {
      const [there, here] = await Promise.all([health(cutOff!.url), health(other!.url)]);
      return there.status === "degraded" && [there.status, here.status];
    }, "the node calls itself degraded");
    expect(statuses).toEqual(["degraded", "ready"]);
    cutOff!.redis.heal();
    await talking.more(20);
    await talking.stop();
    expect(cluster.list.every(({ ended }) => ended === undefined)).toBe(true);
    expect(await cluster.verdict()).toContain("Nothing was lost");
  },
);

test("a client that joins while its node's subscription is late misses nothing", async () => {
  const cluster = await startCluster();
  const [first, second] = cluster.list;
  const tenant = await cluster.tenant();
  const contact = await cluster.contact(tenant, { at: first! });
  const { id } = await contact.start("hello");
  // Every subscription of the second node takes a while; what is said meanwhile is published into the void.
  second!.redis.delay(250);
  for (let round = 0; round < 4; round += 1) {
    const saying = Promise.all(Array.from({ length: 20 }, (_, i) => contact.send(id, `round ${round}, ${i}`)));
    const agent = await cluster.agent(tenant, { at: second! });
    await agent.open(id);
    const said = await saying;
    expect(await agent.upTo(id, Math.max(...said.map(({ ack }) => ack!.seq)))).toBe(true);
  }
  second!.redis.heal();
  expect(await cluster.verdict()).toContain("Nothing was lost");
});
