import { expect, test } from "vitest";
import { startCluster } from "../support/cluster.ts";
import { runSeed, seededRandom } from "../support/random.ts";
import { beginTalk, keepTalking } from "../support/talk.ts";
import { eventually } from "../support/wait.ts";

test("nodes restarted one after the other under load lose nothing, and tell their clients to move", async () => {
  const random = seededRandom(runSeed("a rolling deploy"));
  const cluster = await startCluster({ count: 3 });
  const tenant = await cluster.tenant();
  const agent = await cluster.agent(tenant);
  const told: unknown[] = [];
  const talks = [];
  for (let i = 0; i < 9; i += 1) {
    const contact = await cluster.contact(tenant);
    contact.socket.on("session:ended", (ended) => told.push(ended));
    talks.push(await beginTalk(contact, [agent]));
  }
  const talking = keepTalking(talks, random);
  for (const node of cluster.list) {
    await talking.more(15);
    const ending = node.kill("SIGTERM");
    // A balancer that asks is told before the node is gone.
    await eventually(async () => (await fetch(`${node.url}/health/ready`)).status === 503, "the node is not ready", {
      everyMs: 5,
    });
    await ending;
    expect(node.ended).toEqual({ code: 0, signal: null });
    await node.start();
  }
  await talking.more(15);
  await talking.stop();
  expect(told.length).toBeGreaterThan(0);
  for (const ended of told) expect(ended).toMatchObject({ reason: "drain", reconnect: true });
  expect(await cluster.verdict()).toContain("Nothing was lost");
});

test("a node told to end answers every message it has begun", async () => {
  const cluster = await startCluster({ count: 1, env: { DRAIN_SECONDS: "2" } });
  const [node] = cluster.list;
  const tenant = await cluster.tenant();
  const contact = await cluster.contact(tenant);
  const { id } = await contact.start("hello");
  const burst = Array.from({ length: 50 }, (_, i) =>
    contact.command("message:send", { conversationId: id, clientId: `burst ${i}`, body: `${tenant.id} ${i}` }, 10_000),
  );
  const ending = node!.kill("SIGTERM");
  const answers = await Promise.all(burst);
  expect(new Set(answers.map(({ entry }) => entry.seq)).size).toBe(50);
  await ending;
  expect(node!.ended).toEqual({ code: 0, signal: null });
  await node!.start();
  expect(await cluster.verdict()).toContain("Nothing was lost");
});
