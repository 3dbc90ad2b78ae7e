import { expect, test } from "vitest";
import { handlers } from "../../../workers/handlers.ts";
import { useApp } from "../../support/app.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { eventually } from "../../support/wait.ts";
import { ask, look } from "../../socket/support/ask.ts";
import { hear } from "../../socket/support/hear.ts";
import { begin } from "../../socket/support/scene.ts";
import { assignmentsOf, loadOf } from "../../socket/support/tables.ts";

const app = useApp();

const sweep = () => handlers["routing.sweep"](app().app.node);

/** What a node that died between storing a conversation and routing it leaves behind. */
const leaveQueued = async (tenant: TestTenant): Promise<void> => {
  const { superuser } = app();
  await superuser.query("UPDATE departments SET strategy = 'least_loaded' WHERE tenant_id = $1", [tenant.id]);
  await superuser.query("UPDATE conversations SET created_at = now() - interval '1 minute' WHERE tenant_id = $1", [
    tenant.id,
  ]);
};

test("what was left in the queue is given to who is there, once, however often and by however many it is swept", async () => {
  const tenant = await app().tenant({ roles: ["agent", "agent"] });
  const contact = await app().contact(tenant);
  const agents = await Promise.all(tenant.agents.map((agent) => app().agent(tenant, { agent })));
  const ear = await hear(contact);
  const left = await Promise.all(Array.from({ length: 6 }, () => begin(contact)));
  await leaveQueued(tenant);
  await Promise.all([sweep(), sweep(), sweep()]);
  await sweep();
  const assigned = await eventually(async () => {
    const all = await Promise.all(left.map(({ id }) => assignmentsOf(app().superuser, id)));
    return all.every((list) => list.length > 0) ? all : undefined;
  }, "all of it is assigned");
  await sweep();
  expect(assigned.map((list) => list.length)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(assigned[0]![0]).toMatchObject({ running: true, decision: { strategy: "least_loaded" } });
  // Dealt out evenly, and the counts say the same.
  const held = await Promise.all(agents.map(({ ready }) => loadOf(app().superuser, tenant.id, ready!.actor.id)));
  expect(held).toEqual([3, 3]);
  for (const { id } of left) {
    await ear.next("entry:appended", ({ entry }) => entry.conversationId === id && entry.activity?.type === "assigned");
    expect((await look(contact, id)).entries.map(({ seq }) => seq)).toEqual([1, 2]);
  }
});

test("it goes on until everybody is full, and leaves the rest to wait", async () => {
  const tenant = await app().tenant({ capacity: 2 });
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  await Promise.all(Array.from({ length: 4 }, () => begin(contact)));
  await leaveQueued(tenant);
  await sweep();
  await eventually(async () => (await loadOf(app().superuser, tenant.id, agent.ready!.actor.id)) === 2, "it is full");
  await sweep();
  expect((await ask(agent, "conversation:list", { view: "queue" })).conversations).toHaveLength(2);
});

test("where nobody is there, or nobody wants to be given any, it waits", async () => {
  const [deserted, byHand] = [await app().tenant(), await app().tenant()];
  const { id: alone } = await begin(await app().contact(deserted));
  await leaveQueued(deserted);
  const agent = await app().agent(byHand);
  const { id: manual } = await begin(await app().contact(byHand));
  await app().superuser.query("UPDATE conversations SET created_at = now() - interval '1 minute' WHERE id = $1", [
    manual,
  ]);
  // A third tenant's turn shows that the sweep is through.
  const busy = await app().tenant();
  const [contact, other] = [await app().contact(busy), await app().agent(busy)];
  const { id: swept } = await begin(contact);
  await leaveQueued(busy);
  await sweep();
  await eventually(async () => (await assignmentsOf(app().superuser, swept)).length === 1, "the third is assigned");
  expect(await assignmentsOf(app().superuser, alone)).toEqual([]);
  expect(await assignmentsOf(app().superuser, manual)).toEqual([]);
  expect((await look(agent, manual)).conversation.status).toBe("queued");
  expect(await loadOf(app().superuser, busy.id, other.ready!.actor.id)).toBe(1);
});
