import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import { ask, codeOf, look, say } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";
import { begin, talk } from "../support/scene.ts";
import { assignmentsOf, loadOf } from "../support/tables.ts";

const app = useApp();

test("replying to what nobody holds takes it, and the reply stands after the entry that says so", async () => {
  const tenant = await app().tenant();
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const { id } = await begin(contact);
  const agentId = agent.ready!.actor.id;
  const ear = await hear(contact);
  const reply = await say(agent, id, "let me see");
  const [taken, heard] = (await ear.calm()).entries(id);
  expect(taken).toMatchObject({ seq: 2, kind: "activity", activity: { type: "assigned", agentId } });
  expect(heard).toEqual(reply);
  const updated = ear.of("conversation:updated").at(-1);
  expect(updated.conversation).toMatchObject({ id, status: "open", assigneeId: agentId, unread: 1 });
  expect((await look(agent, id)).conversation).toMatchObject({ status: "open", assigneeId: agentId, publicSeq: 3 });
  expect(await assignmentsOf(app().superuser, id)).toMatchObject([
    { agentId, running: true, decision: { trigger: "replied", candidates: [{ agentId }] } },
  ]);
  expect(await loadOf(app().superuser, tenant.id, agentId)).toBe(1);
});

test("a note takes nothing, and a reply to what a colleague holds leaves it with them", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  const { id: queued } = await begin(contact);
  await say(colleague, queued, "who is this?", { audience: "internal" });
  expect((await look(agent, queued)).conversation.status).toBe("queued");
  await say(colleague, conversationId, "may I help?");
  expect((await look(agent, conversationId)).conversation.assigneeId).toBe(agent.ready!.actor.id);
  expect(await loadOf(app().superuser, tenant.id, colleague.ready!.actor.id)).toBe(0);
});

test("a full agent's reply goes out, and the conversation stays queued", async () => {
  const { tenant, contact, agent } = await talk(app(), { capacity: 1 });
  const { id } = await begin(contact);
  const ear = await hear(contact);
  const reply = await say(agent, id, "a moment, please");
  expect(reply.seq).toBe(2);
  expect((await ear.calm()).entries(id)).toEqual([reply]);
  const { conversation } = await look(agent, id);
  expect(conversation).toMatchObject({ status: "queued", publicSeq: 2 });
  expect(conversation).not.toHaveProperty("assigneeId");
  expect(await loadOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(1);
});

test("two agents who reply to what nobody holds at once: one of them has it, both replies stand", async () => {
  const tenant = await app().tenant({ roles: ["agent", "agent", "agent", "agent"] });
  const contact = await app().contact(tenant);
  const agents = await Promise.all(tenant.agents.map((agent) => app().agent(tenant, { agent })));
  for (let round = 0; round < 5; round += 1) {
    const { id } = await begin(contact);
    await Promise.all(agents.map((agent) => say(agent, id, `I am ${agent.ready!.actor.name}`)));
    const { conversation, entries } = await look(contact, id);
    expect(entries.filter(({ kind }) => kind === "activity")).toHaveLength(1);
    expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    const assignments = await assignmentsOf(app().superuser, id);
    expect(assignments).toMatchObject([{ agentId: conversation.assigneeId, running: true }]);
  }
  const held = await Promise.all(tenant.agents.map(({ id }) => loadOf(app().superuser, tenant.id, id)));
  expect(held.reduce((sum, count) => sum + count)).toBe(5);
});

test("a contact's message reopens a resolved conversation to the agent who had it", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app());
  await ask(agent, "conversation:resolve", { conversationId });
  expect(await loadOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(0);
  const ear = await hear(agent);
  const message = await say(contact, conversationId, "it broke again");
  const heard = (await ear.calm()).entries(conversationId);
  expect(heard.map((entry) => entry.activity?.type ?? entry.body)).toEqual(["reopened", "assigned", "it broke again"]);
  expect(heard.at(-1)).toEqual(message);
  const { conversation } = await look(agent, conversationId);
  expect(conversation).toMatchObject({ status: "open", assigneeId: agent.ready!.actor.id });
  expect(conversation).not.toHaveProperty("resolvedAt");
  expect(await loadOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(1);
  expect(
    (await assignmentsOf(app().superuser, conversationId)).map(({ running, endReason }) => [running, endReason]),
  ).toEqual([
    [false, "resolved"],
    [true, null],
  ]);
});

test("many messages at once reopen it once", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app());
  await ask(agent, "conversation:resolve", { conversationId });
  await Promise.all(Array.from({ length: 10 }, (_, i) => say(contact, conversationId, `again ${i}`)));
  const { entries } = await look(agent, conversationId);
  expect(entries.filter(({ activity }) => activity?.type === "reopened")).toHaveLength(1);
  expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 16 }, (_, i) => i + 1));
  expect(await loadOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(1);
});

test("one message sent many times at once into a resolved conversation is stored once", async () => {
  const { contact, agent, conversationId } = await talk(app());
  await ask(agent, "conversation:resolve", { conversationId });
  const send = () => say(contact, conversationId, "hello again", { clientId: "again" });
  const sent = await Promise.all(Array.from({ length: 8 }, send));
  expect(new Set(sent.map(({ id }) => id)).size).toBe(1);
  const { entries } = await look(agent, conversationId);
  expect(entries.filter(({ clientId }) => clientId === "again")).toHaveLength(1);
});

test("what is reopened while its agent is full waits in the queue", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { capacity: 1 });
  await ask(agent, "conversation:resolve", { conversationId });
  const { id: other } = await begin(contact);
  await ask(agent, "conversation:assign", { conversationId: other });
  await say(contact, conversationId, "it broke again");
  const { conversation } = await look(agent, conversationId);
  expect(conversation.status).toBe("queued");
  expect(conversation).not.toHaveProperty("assigneeId");
  expect(await loadOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(1);
});

test.each(["pending", "snoozed"])("a contact's message ends %s", async (status) => {
  const { contact, agent, conversationId } = await talk(app());
  await app().superuser.query("UPDATE conversations SET status = $2 WHERE id = $1", [conversationId, status]);
  const ears = await hearAll(contact, agent);
  await say(contact, conversationId, "any news?");
  for (const ear of ears) {
    const { conversation } = await ear.next("conversation:updated", (told) => told.conversation.status === "open");
    expect(conversation.version).toBe((await look(agent, conversationId)).conversation.version);
  }
});

test("an agent of no department replies only in what they were given", async () => {
  const { tenant, contact, agent } = await talk(app());
  const outsider = await addAgent(app().superuser, tenant, "agent", { inDepartment: false });
  const stranger = await app().agent(tenant, { agent: outsider });
  const { id } = await begin(contact);
  expect(await codeOf(say(stranger, id, "hello?"))).toBe("not_found");
  await ask(agent, "conversation:assign", { conversationId: id, agentId: outsider.id });
  expect((await say(stranger, id, "hello!")).seq).toBe(3);
});
