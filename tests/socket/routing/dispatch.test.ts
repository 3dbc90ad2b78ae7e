import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import { eventually } from "../../support/wait.ts";
import { ask, look } from "../support/ask.ts";
import { hearAll } from "../support/hear.ts";
import { begin } from "../support/scene.ts";
import { assignmentsOf, loadOf, loads } from "../support/tables.ts";

const app = useApp();

test("a new conversation goes to the least loaded agent who is there, and the decision says who was considered", async () => {
  const tenant = await app().tenant({ roles: ["agent", "agent", "agent"], strategy: "least_loaded" });
  const contact = await app().contact(tenant);
  const [busy, free] = [
    await app().agent(tenant),
    await app().agent(tenant, { agent: tenant.agents[1]! }),
    // The third is not there.
  ];
  const { id: first } = await begin(contact);
  await eventually(async () => (await look(contact, first)).conversation.assigneeId, "the first is assigned");
  await ask(busy, "conversation:assign", {
    conversationId: first,
    expectedVersion: (await look(busy, first)).conversation.version,
  });
  const [ofContact, ofFree] = await hearAll(contact, free);
  const { id } = await begin(contact);
  const { conversation } = await ofFree.next("conversation:assigned");
  expect(conversation).toMatchObject({ id, status: "open", assigneeId: free.ready!.actor.id, unread: 1 });
  expect(conversation).toEqual((await look(free, id)).conversation);
  const assigned = await ofContact.next("entry:appended");
  expect(assigned.entry).toMatchObject({
    author: { kind: "system" },
    activity: { type: "assigned", agentId: free.ready!.actor.id, agentName: tenant.agents[1]!.name },
  });
  const [{ decision }] = (await assignmentsOf(app().superuser, id)) as [Awaited<ReturnType<typeof assignmentsOf>>[0]];
  expect(decision).toMatchObject({ trigger: "conversation_queued", strategy: "least_loaded" });
  const [busyId, freeId, gone] = tenant.agents.map((one) => one.id);
  const considered = new Map(decision.candidates.map((one) => [one.agentId, one]));
  expect(considered.size).toBe(3);
  expect(considered.get(busyId!)).toMatchObject({ activeCount: 1, score: -1 });
  expect(considered.get(freeId!)).toMatchObject({ activeCount: 0, score: 0, name: tenant.agents[1]!.name });
  expect(considered.get(gone!)).toMatchObject({ excluded: "offline" });
});

test("agents of other departments, readers and full agents are given nothing", async () => {
  const tenant = await app().tenant({ roles: ["agent", "read_only"], capacity: 1, strategy: "least_loaded" });
  const outsider = await addAgent(app().superuser, tenant, "agent", { inDepartment: false });
  for (const agent of [...tenant.agents, outsider]) await app().agent(tenant, { agent });
  const contact = await app().contact(tenant);
  const [{ id: first }, { id: second }] = [await begin(contact), await begin(contact)];
  const held = await eventually(async () => {
    const assigned = (await Promise.all([first, second].map((id) => assignmentsOf(app().superuser, id)))).flat();
    return assigned.length > 0 ? assigned : undefined;
  }, "one of them is assigned");
  expect(held.map(({ agentId }) => agentId)).toEqual([tenant.agents[0]!.id]);
  expect(await loadOf(app().superuser, tenant.id, tenant.agents[0]!.id)).toBe(1);
});

test("many conversations at once are dealt out evenly, each once, and never beyond capacity", async () => {
  const tenant = await app().tenant({ roles: ["agent", "agent", "agent"], capacity: 5, strategy: "least_loaded" });
  const contact = await app().contact(tenant);
  await Promise.all(tenant.agents.map((agent) => app().agent(tenant, { agent })));
  const started = await Promise.all(Array.from({ length: 20 }, () => begin(contact)));
  await eventually(async () => {
    const carried = await loads(app().superuser, tenant.id);
    return carried.every(({ held }) => held === 5);
  }, "all slots are taken");
  for (const { id } of tenant.agents) expect(await loadOf(app().superuser, tenant.id, id)).toBe(5);
  const assignments = await Promise.all(started.map(({ id }) => assignmentsOf(app().superuser, id)));
  expect(assignments.filter((list) => list.length === 1)).toHaveLength(15);
  expect(assignments.filter((list) => list.length === 0)).toHaveLength(5);
});

test("an agent who arrives is given what waits, the longest first, up to their capacity", async () => {
  const tenant = await app().tenant({ capacity: 2, strategy: "least_loaded" });
  const contact = await app().contact(tenant);
  const waiting: string[] = [];
  for (const ago of [10, 30, 20]) {
    const { id } = await begin(contact);
    waiting.push(id);
    await app().superuser.query(
      "UPDATE conversations SET queued_at = now() - make_interval(mins => $2) WHERE id = $1",
      [id, ago],
    );
  }
  const agent = await app().agent(tenant);
  const mine = await eventually(async () => {
    const { conversations } = await ask(agent, "conversation:list", { view: "mine" });
    return conversations.length === 2 ? conversations : undefined;
  }, "two are assigned");
  expect(mine.map(({ id }) => id).toSorted()).toEqual(waiting.slice(1).toSorted());
  expect(await loadOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(2);
});
