import { expect, test } from "vitest";
import { startPrivateCluster } from "../support/cluster.ts";
import { runSeed, seededRandom } from "../support/random.ts";
import { beginTalk, keepTalking } from "../support/talk.ts";
import { CommandFailed } from "../support/virtual-client.ts";

test("while Postgres is down a message is refused as retryable, and it is stored once Postgres is back", async () => {
  const cluster = await startPrivateCluster();
  const tenant = await cluster.tenant();
  const agent = await cluster.agent(tenant);
  const contact = await cluster.contact(tenant);
  const { conversationId } = await beginTalk(contact, [agent]);
  const pids = cluster.list.map(({ pid }) => pid);
  await cluster.postgres.kill("SIGQUIT");
  const refusal = await contact
    .command("message:send", { conversationId, clientId: "while it is down", body: `${tenant.id} hello?` }, 30_000)
    .catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(CommandFailed);
  expect((refusal as CommandFailed).error).toMatchObject({ code: "unavailable", retryable: true });
  const waiting = contact.send(conversationId, "I can wait");
  await cluster.postgres.start();
  expect((await waiting).ack).toBeDefined();
  expect(cluster.list.map(({ pid }) => pid)).toEqual(pids);
  expect(await cluster.verdict()).toContain("Nothing was lost");
});

test("nothing is lost when Postgres crashes under load", async () => {
  const random = seededRandom(runSeed("Postgres crashes"));
  const cluster = await startPrivateCluster();
  const tenant = await cluster.tenant();
  const agent = await cluster.agent(tenant);
  const talks = [];
  for (let i = 0; i < 6; i += 1) talks.push(await beginTalk(await cluster.contact(tenant), [agent]));
  const talking = keepTalking(talks, random);
  for (const signal of ["SIGQUIT", "SIGINT"] as const) {
    await talking.more(20);
    await cluster.postgres.kill(signal);
    await cluster.postgres.start();
  }
  await talking.more(20);
  await talking.stop();
  expect(await cluster.verdict()).toContain("Nothing was lost");
});

test("nothing is lost when Postgres ends its connections again and again", async () => {
  const random = seededRandom(runSeed("connections are terminated"));
  const cluster = await startPrivateCluster();
  const tenant = await cluster.tenant();
  const agent = await cluster.agent(tenant);
  const talks = [];
  for (let i = 0; i < 6; i += 1) talks.push(await beginTalk(await cluster.contact(tenant), [agent]));
  const talking = keepTalking(talks, random);
  for (let i = 0; i < 10; i += 1) {
    await talking.more(10);
    await cluster.superuser.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'parley node%'",
    );
  }
  await talking.more(10);
  await talking.stop();
  expect(cluster.list.map(({ ended }) => ended)).toEqual([undefined, undefined]);
  expect(await cluster.verdict()).toContain("Nothing was lost");
});
