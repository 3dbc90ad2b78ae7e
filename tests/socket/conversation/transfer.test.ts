import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import { ask, codeOf, look, refused, say } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";
import { begin, talk } from "../support/scene.ts";
import { assignmentsOf, loadOf } from "../support/tables.ts";
import { addDepartment, idOf } from "../support/world.ts";

const app = useApp();

const auditOf = async (tenantId: string, action: string) =>
  (
    await app().superuser.query(
      "SELECT target_id, before, after FROM audit_events WHERE tenant_id = $1 AND action = $2",
      [tenantId, action],
    )
  ).rows;

test("handed to a colleague with a note, both sides are told what concerns them, and the slot goes along", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  const [ofContact, ofColleague] = await hearAll(contact, colleague);
  const payload = { conversationId, agentId: idOf(colleague), note: "knows about socks" };
  const { conversation } = await ask(agent, "conversation:transfer", payload);
  expect(conversation).toMatchObject({ assigneeId: idOf(colleague), status: "open" });
  const transferred = { type: "transferred", agentId: idOf(colleague), previousAgentId: idOf(agent) };
  await ofContact.calm();
  expect(ofContact.entries(conversationId)).toMatchObject([{ activity: transferred, author: { id: idOf(agent) } }]);
  expect(JSON.stringify(ofContact.heard)).not.toContain("socks");
  expect((await ofColleague.next("conversation:assigned")).conversation.id).toBe(conversationId);
  const { entries } = await look(colleague, conversationId);
  expect(entries.filter(({ audience }) => audience === "internal")).toMatchObject([{ body: "knows about socks" }]);
  expect(await loadOf(app().superuser, tenant.id, idOf(agent))).toBe(0);
  expect(await loadOf(app().superuser, tenant.id, idOf(colleague))).toBe(1);
  expect((await assignmentsOf(app().superuser, conversationId)).at(-1)).toMatchObject({
    decision: { trigger: "transferred", strategy: "manual" },
  });
  expect(await auditOf(tenant.id, "conversation.transfer")).toMatchObject([
    { target_id: conversationId, before: { assigneeId: idOf(agent) }, after: { assigneeId: idOf(colleague) } },
  ]);
  // Asked again after a lost answer, neither hand-over nor note happens twice.
  await ask(agent, "conversation:transfer", payload);
  expect((await look(colleague, conversationId)).entries).toEqual(entries);
});

test("handed to another department it waits there, and who can't see it any more hears nothing more of it", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent", "manager"] });
  const { superuser } = app();
  const expert = await addAgent(superuser, tenant, "agent", { inDepartment: false });
  const departmentId = await addDepartment(superuser, tenant, { strategy: "manual", members: [expert.id] });
  const [colleague, manager, specialist] = await Promise.all(
    [tenant.agents[1]!, tenant.agents[2]!, expert].map((one) => app().agent(tenant, { agent: one })),
  );
  for (const one of [colleague!, manager!]) await ask(one, "conversation:open", { conversationId });
  const [ofColleague, ofManager, ofAgent, ofSpecialist] = await hearAll(colleague!, manager!, agent, specialist!);
  const { conversation } = await ask(agent, "conversation:transfer", { conversationId, departmentId });
  expect(conversation).toMatchObject({ status: "queued", departmentId, queuedAt: expect.any(String) });
  expect(Date.parse(conversation.queuedAt!)).toBeGreaterThan(Date.parse(conversation.createdAt));
  expect(await ofColleague.next("conversation:removed")).toEqual({ conversationId });
  expect((await ofSpecialist.next("conversation:updated")).conversation.id).toBe(conversationId);
  await say(contact, conversationId, "a secret");
  // Who took part or sees everything follows on; the others have never heard of it.
  for (const ear of [ofManager, ofAgent]) await ear.next("entry:appended", ({ entry }) => entry.body === "a secret");
  for (const ear of [ofManager, ofAgent]) expect(ear.of("conversation:removed")).toEqual([]);
  expect(JSON.stringify((await ofColleague.calm()).heard)).not.toContain("a secret");
  expect(await codeOf(ask(colleague!, "conversation:open", { conversationId }))).toBe("not_found");
  expect((await ask(specialist!, "conversation:list", { view: "queue" })).conversations).toHaveLength(1);
  const { entries } = await look(contact, conversationId);
  expect(entries.at(-2)!.activity).toMatchObject({
    type: "transferred",
    departmentId,
    previousDepartmentId: tenant.departmentId,
    previousAgentId: idOf(agent),
  });
  expect(await loadOf(superuser, tenant.id, idOf(agent))).toBe(0);
});

test("a wait that has begun goes on in the next department", async () => {
  const tenant = await app().tenant();
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const departmentId = await addDepartment(app().superuser, tenant, { strategy: "manual" });
  const { id: conversationId, queuedAt } = await begin(contact);
  const { conversation } = await ask(agent, "conversation:transfer", { conversationId, departmentId });
  expect(conversation).toMatchObject({ departmentId, queuedAt });
});

test("a department's agent is handed it by name, whatever department they belong to", async () => {
  const { tenant, agent, conversationId } = await talk(app());
  const expert = await addAgent(app().superuser, tenant, "agent", { inDepartment: false });
  const departmentId = await addDepartment(app().superuser, tenant, { members: [expert.id] });
  const specialist = await app().agent(tenant, { agent: expert });
  const goal = { conversationId, departmentId, agentId: expert.id };
  const { conversation } = await ask(agent, "conversation:transfer", goal);
  expect(conversation).toMatchObject({ departmentId, assigneeId: expert.id, status: "open" });
  expect((await look(specialist, conversationId)).conversation).toMatchObject({ departmentId });
});

test("who writes on an outdated view is told how it stands, and nothing changes", async () => {
  const { tenant, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  const before = await look(agent, conversationId);
  const goal = { conversationId, agentId: idOf(colleague), note: "yours", expectedVersion: 1 };
  expect(await refused(ask(agent, "conversation:transfer", goal))).toMatchObject({
    code: "conflict",
    details: { version: 2, status: "open", assigneeId: idOf(agent), departmentId: tenant.departmentId },
  });
  expect(await look(agent, conversationId)).toEqual(before);
});

test("a note that says nothing is refused together with the hand-over", async () => {
  const { tenant, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  const before = await look(agent, conversationId);
  for (const command of ["conversation:transfer", "conversation:assign"] as const)
    expect(await codeOf(ask(agent, command, { conversationId, agentId: idOf(colleague), note: " \n" }))).toBe(
      "invalid_payload",
    );
  expect(await look(agent, conversationId)).toEqual(before);
});

test("to nobody and nowhere, to the unknown, to what is archived and of what is resolved nothing is handed over", async () => {
  const { tenant, agent, conversationId } = await talk(app());
  const archived = await addDepartment(app().superuser, tenant);
  await app().superuser.query("UPDATE departments SET archived_at = now() WHERE id = $1", [archived]);
  const foreign = await app().tenant();
  const transfer = (to: object) => ask(agent, "conversation:transfer", { conversationId, ...to });
  expect(await codeOf(transfer({}))).toBe("invalid_payload");
  for (const departmentId of [archived, foreign.departmentId, randomUUID()])
    expect(await codeOf(transfer({ departmentId }))).toBe("not_found");
  for (const agentId of [foreign.agents[0]!.id, randomUUID()])
    expect(await codeOf(transfer({ agentId }))).toBe("not_found");
  await ask(agent, "conversation:resolve", { conversationId });
  const departmentId = await addDepartment(app().superuser, tenant);
  expect(await refused(transfer({ departmentId }))).toMatchObject({
    code: "conflict",
    details: { status: "resolved" },
  });
});

test("what is offered to one agent and handed to another is no longer the first one's to accept", async () => {
  const tenant = await app().tenant({ roles: ["agent", "agent"] });
  const [first, second] = await Promise.all(tenant.agents.map((agent) => app().agent(tenant, { agent })));
  const members = [first!.ready!.actor.id];
  const departmentId = await addDepartment(app().superuser, tenant, { offerSeconds: 3_600, members });
  const contact = await app().contact(tenant);
  const ear = await hear(first!);
  const { conversation } = await ask(contact, "conversation:start", { clientId: randomUUID(), departmentId });
  await ear.next("conversation:offered");
  const manager = await app().agent(tenant, { agent: await addAgent(app().superuser, tenant, "manager") });
  await ask(manager, "conversation:transfer", { conversationId: conversation.id, agentId: idOf(second!) });
  expect(await ear.next("offer:ended")).toMatchObject({ conversationId: conversation.id, status: "withdrawn" });
  expect(await codeOf(ask(first!, "offer:accept", { conversationId: conversation.id }))).toBe("conflict");
  expect(await loadOf(app().superuser, tenant.id, idOf(second!))).toBe(1);
});

for (const command of ["conversation:assign", "conversation:transfer"] as const)
  test(`by ${command} only who may gives to the absent and the away, and nobody to the full`, async () => {
    const { tenant, agent, conversationId } = await talk(app(), { roles: ["agent", "agent", "manager"], capacity: 2 });
    const [, target, boss] = tenant.agents;
    const manager = await app().agent(tenant, { agent: boss! });
    const goal = { conversationId, agentId: target!.id };
    expect(await refused(ask(agent, command, goal))).toMatchObject({
      code: "conflict",
      details: { agentId: target!.id, presence: "offline" },
    });
    const there = await app().agent(tenant, { agent: target! });
    await ask(there, "availability:set", { availability: "away" });
    expect(await refused(ask(agent, command, goal))).toMatchObject({
      code: "conflict",
      details: { agentId: target!.id, availability: "away" },
    });
    expect((await look(agent, conversationId)).conversation.version).toBe(2);
    await ask(manager, command, goal);
    // Whoever asks why finds that they were away.
    expect((await assignmentsOf(app().superuser, conversationId)).at(-1)).toMatchObject({
      decision: { strategy: "manual", candidates: [{ agentId: target!.id, excluded: "away" }] },
    });
    const contact = await app().contact(tenant);
    const [second, third] = [await begin(contact), await begin(contact)];
    await ask(manager, command, { ...goal, conversationId: second.id });
    expect(await refused(ask(manager, command, { ...goal, conversationId: third.id }))).toMatchObject({
      code: "conflict",
      details: { activeCount: 2, capacity: 2 },
    });
  });
