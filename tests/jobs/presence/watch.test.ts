import { expect, test } from "vitest";
import { handlers } from "../../../workers/handlers.ts";
import { useApp } from "../../support/app.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { eventually } from "../../support/wait.ts";
import { ask, look } from "../../socket/support/ask.ts";
import { hear } from "../../socket/support/hear.ts";
import { begin, talk } from "../../socket/support/scene.ts";
import { assignmentsOf, loadOf } from "../../socket/support/tables.ts";
import { idOf } from "../../socket/support/world.ts";

const app = useApp({ HANDOVER_GRACE_SECONDS: "60" });

const watch = () => handlers["presence.watch"](app().app.node);

const markOf = async (tenant: TestTenant, agentId = tenant.agents[0]!.id): Promise<string | null> =>
  (
    await app().superuser.query(
      "SELECT absent_since::text AS mark FROM memberships WHERE tenant_id = $1 AND user_id = $2",
      [tenant.id, agentId],
    )
  ).rows[0].mark;

/** Moves the beginning of an absence back, as if that time had passed. */
const pass = (tenant: TestTenant, seconds: number) =>
  app().superuser.query(
    "UPDATE memberships SET absent_since = absent_since - make_interval(secs => $2) WHERE tenant_id = $1",
    [tenant.id, seconds],
  );

const leave = async (agent: { close: () => void }, tenant: TestTenant): Promise<void> => {
  agent.close();
  const { presence } = app().app.node;
  await eventually(async () => (await presence.listCertain(tenant.id))?.size === 0, "nobody is there");
};

/** As long as Redis is young nothing is certain. */
const grown = () =>
  eventually(() => app().app.node.presence.listCertain("00000000-0000-4000-8000-000000000000"), "Redis is old enough");

test("who is gone beyond the grace hands back what they hold, once, and the contact is told", async () => {
  await grown();
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const id = idOf(agent);
  const ear = await hear(contact);
  await leave(agent, tenant);
  await watch();
  expect(await markOf(tenant)).not.toBeNull();
  await pass(tenant, 50);
  await watch();
  expect(await loadOf(app().superuser, tenant.id, id)).toBe(1);
  await pass(tenant, 10);
  await Promise.all([watch(), watch(), watch()]);
  await watch();
  await ear.next("entry:appended", ({ entry }) => entry.activity?.type === "requeued");
  expect((await ear.calm()).entries(conversationId)).toMatchObject([
    { author: { kind: "system" }, activity: { type: "requeued", previousAgentId: id } },
  ]);
  expect((await look(contact, conversationId)).conversation).toMatchObject({ status: "queued" });
  expect(await loadOf(app().superuser, tenant.id, id)).toBe(0);
  expect((await assignmentsOf(app().superuser, conversationId)).map(({ endReason }) => endReason)).toEqual([
    "agent_absent",
  ]);
  expect(await markOf(tenant)).toBeNull();
});

test("what is handed back goes to whoever is there", async () => {
  await grown();
  const { tenant, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  await app().superuser.query("UPDATE departments SET strategy = 'least_loaded' WHERE tenant_id = $1", [tenant.id]);
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  agent.close();
  await colleague.until(() => colleague.colleague(tenant.agents[0]!.id)?.presence === "offline", "they are gone");
  const ear = await hear(colleague);
  await watch();
  await pass(tenant, 60);
  await watch();
  expect((await ear.next("conversation:assigned")).conversation.id).toBe(conversationId);
});

test("who is back within the grace keeps what they hold, and the next absence begins anew", async () => {
  await grown();
  const { tenant, agent, conversationId } = await talk(app());
  await leave(agent, tenant);
  await watch();
  await pass(tenant, 59);
  const back = await app().agent(tenant);
  await watch();
  expect(await markOf(tenant)).toBeNull();
  expect((await look(back, conversationId)).conversation.assigneeId).toBe(idOf(back));
});

test("who is given something although they are gone keeps it until they have been there", async () => {
  await grown();
  const tenant = await app().tenant({ roles: ["agent", "manager"] });
  const [contact, manager] = [await app().contact(tenant), await app().agent(tenant, { agent: tenant.agents[1]! })];
  const { id: conversationId } = await begin(contact);
  const agentId = tenant.agents[0]!.id;
  await ask(manager, "conversation:assign", { conversationId, agentId });
  expect(await markOf(tenant)).toBe("infinity");
  await watch();
  await pass(tenant, 3_600);
  await watch();
  expect((await look(manager, conversationId)).conversation.assigneeId).toBe(agentId);
  await app().agent(tenant);
  await watch();
  expect(await markOf(tenant)).toBeNull();
});

test("as long as it is not certain who is there nobody is taken anything from", async () => {
  await grown();
  const { tenant, contact, agent, conversationId } = await talk(app());
  const assigneeId = idOf(agent);
  await leave(agent, tenant);
  await watch();
  await pass(tenant, 3_600);
  const { node } = app().app;
  const unsure = { ...node.presence, listCertain: () => Promise.resolve(undefined) };
  await handlers["presence.watch"]({ ...node, presence: unsure });
  expect((await look(contact, conversationId)).conversation.assigneeId).toBe(assigneeId);
});
