import { expect, test } from "vitest";
import { startCluster } from "../support/cluster.ts";
import { startProxy } from "../support/proxy.ts";
import { beginTalk } from "../support/talk.ts";
import { messageMark } from "../support/virtual-client.ts";

const moments = [
  ["before the statement arrives", "before"],
  ["while the statement is under way", "after"],
  ["as the commit is answered", "reply"],
] as const;

test.each(moments)("a message is stored once when Postgres is lost %s", async (_title, act) => {
  const cluster = await startCluster({ count: 1 });
  const [node] = cluster.list;
  const tenant = await cluster.tenant();
  const agent = await cluster.agent(tenant);
  const contact = await cluster.contact(tenant);
  const { conversationId } = await beginTalk(contact, [agent]);
  for (let i = 0; i < 5; i += 1) {
    const cut = node!.postgres.cutWhen({ direction: "toServer", marker: messageMark, act });
    const sent = await contact.send(conversationId, `message ${i}`);
    await cut;
    expect(sent.ack).toBeDefined();
  }
  expect(await cluster.verdict()).toContain("Nothing was lost");
});

test("a commit of an action whose answer was lost takes effect once", async () => {
  const cluster = await startCluster({ count: 1 });
  const [node] = cluster.list;
  const tenant = await cluster.tenant();
  const agent = await cluster.agent(tenant);
  const contact = await cluster.contact(tenant);
  const starts = [];
  for (let i = 0; i < 3; i += 1) {
    const cut = node!.postgres.cutWhen({ direction: "toServer", marker: "COMMIT", act: "reply" });
    starts.push(await contact.start(`conversation ${i}`));
    await cut;
  }
  const { rows } = await cluster.superuser.query("SELECT count(*)::int AS count FROM conversations");
  expect(rows[0].count).toBe(3);
  await agent.open(starts[0]!.id);
  expect(await cluster.verdict()).toContain("Nothing was lost");
});

test("a message whose ack is lost is sent again and gets the same entry, without a second one", async () => {
  const cluster = await startCluster();
  const tenant = await cluster.tenant();
  const agent = await cluster.agent(tenant);
  const line = await startProxy(
    cluster.list.map(({ port }) => ({ host: "127.0.0.1", port })),
    { webSocket: true },
  );
  try {
    const contact = await cluster.contact(tenant, { at: { url: `http://127.0.0.1:${line.port}` } });
    const { conversationId } = await beginTalk(contact, [agent]);
    for (let i = 0; i < 6; i += 1) {
      const clientId = `${messageMark}lost-ack-${i}`;
      const cut = line.cutWhen({ direction: "toClient", marker: clientId, act: "before" });
      const sent = await contact.send(conversationId, `message ${i}`, { clientId });
      await cut;
      expect(sent.attempts).toBeGreaterThan(1);
    }
    expect(await cluster.verdict()).toContain("Nothing was lost");
  } finally {
    await line.close();
  }
});
