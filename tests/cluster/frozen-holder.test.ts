import { expect, test } from "vitest";
import { startCluster } from "../support/cluster.ts";
import { hold } from "../support/hold.ts";
import { eventually } from "../support/wait.ts";
import { beginTalk } from "../support/talk.ts";

test("a node that freezes with locks holds up nobody but the conversation it holds, and that one not for long", async () => {
  const cluster = await startCluster();
  const [frozen, running] = cluster.list as [(typeof cluster.list)[0], (typeof cluster.list)[0]];
  const tenant = await cluster.tenant({ roles: ["agent", "manager"] });
  const contact = await cluster.contact(tenant, { at: running });
  const agent = await cluster.agent(tenant, { at: running });
  const manager = await cluster.agent(tenant, { agent: tenant.agents[1]!, at: frozen });
  const { conversationId } = await beginTalk(contact, [agent]);
  const neighbours = [];
  for (let i = 0; i < 3; i += 1) {
    const other = await cluster.tenant();
    const person = await cluster.contact(other, { at: running });
    neighbours.push({ person, id: (await person.start("hello")).id });
  }
  // The hand-over has locked the conversation and waits for its agent's membership; then its node freezes, and gets it.
  const members = "SELECT FROM memberships WHERE tenant_id = $1 FOR UPDATE";
  const letGo = await hold(cluster.superuser, members, [tenant.id]);
  const version = (await agent.command("conversation:open", { conversationId })).conversation.version;
  void manager.command("conversation:assign", { conversationId, expectedVersion: version }).catch(() => {});
  const waitsForMember = `SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE $1 AND wait_event_type = 'Lock'`;
  await eventually(
    async () => (await cluster.superuser.query(waitsForMember, [`parley ${frozen.name}`])).rowCount === 1,
    "the hand-over waits",
    { everyMs: 5 },
  );
  frozen.freeze();
  await letGo();
  const message = contact.command(
    "message:send",
    { conversationId, clientId: "to the held one", body: "hello?" },
    30_000,
  );
  for (const { person, id } of neighbours) expect((await person.send(id, "and I?")).ack).toBeDefined();
  // Stored at the first try, while the other node is still frozen.
  expect((await message).entry.body).toBe("hello?");
  frozen.thaw();
  // What the frozen node had begun was undone, and goes again, whether or not its manager is still connected.
  await eventually(async () => {
    const { rows } = await cluster.superuser.query("SELECT assignee_id FROM conversations WHERE id = $1", [
      conversationId,
    ]);
    return rows[0].assignee_id === tenant.agents[1]!.id;
  }, "the conversation is taken over");
  expect(await cluster.verdict()).toContain("Nothing was lost");
});
