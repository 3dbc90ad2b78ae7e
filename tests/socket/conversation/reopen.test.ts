import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { anotherSocket, ask, codeOf, look, refused, say } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";
import { begin, talk } from "../support/scene.ts";
import { assignmentsOf, loadOf } from "../support/tables.ts";

const app = useApp();

test("reopened, it goes to the agent who had it, and everyone is told", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  await ask(agent, "conversation:resolve", { conversationId });
  const ears = await hearAll(contact, agent, await anotherSocket(agent));
  const { conversation } = await ask(colleague, "conversation:reopen", { conversationId });
  expect(conversation).toMatchObject({ status: "open", assigneeId: agent.ready!.actor.id });
  expect(conversation).not.toHaveProperty("resolvedAt");
  expect((await look(colleague, conversationId)).conversation).toEqual(conversation);
  for (const ear of ears) {
    await ear.calm();
    expect(ear.entries(conversationId).at(-1)).toMatchObject({
      activity: { type: "assigned", agentId: agent.ready!.actor.id },
      author: { kind: "system" },
    });
    expect(ear.of("conversation:updated").at(-1).conversation).toMatchObject({
      status: "open",
      version: conversation.version,
    });
  }
  expect(await loadOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(1);
  expect((await assignmentsOf(app().superuser, conversationId)).at(-1)).toMatchObject({
    running: true,
    decision: { trigger: "reopened", strategy: "sticky" },
  });
});

test("where its agent is full or gone, it waits in the queue", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { capacity: 1, roles: ["agent", "agent"] });
  const agentId = agent.ready!.actor.id;
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  await ask(agent, "conversation:resolve", { conversationId });
  const { id: other } = await begin(contact);
  await say(agent, other, "mine");
  const full = await ask(colleague, "conversation:reopen", { conversationId });
  expect(full.conversation.status).toBe("queued");
  expect(full.conversation).not.toHaveProperty("assigneeId");
  await ask(colleague, "conversation:resolve", { conversationId: other });
  await app().superuser.query("UPDATE memberships SET status = 'deactivated' WHERE user_id = $1", [agentId]);
  const gone = await ask(colleague, "conversation:reopen", { conversationId: other });
  expect(gone.conversation.status).toBe("queued");
  expect(await loadOf(app().superuser, tenant.id, agentId)).toBe(0);
});

test("reopening what is open changes nothing, all at once as well", async () => {
  const { tenant, agent, conversationId } = await talk(app());
  await ask(agent, "conversation:resolve", { conversationId });
  await Promise.all(Array.from({ length: 6 }, () => ask(agent, "conversation:reopen", { conversationId })));
  const { entries, conversation } = await look(agent, conversationId);
  expect(entries.filter(({ activity }) => activity?.type === "reopened")).toHaveLength(1);
  expect(await loadOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(1);
  const ear = await hear(agent);
  expect((await ask(agent, "conversation:reopen", { conversationId })).conversation).toEqual(conversation);
  expect((await ear.calm()).news).toEqual([]);
});

test("an outdated view does not reopen", async () => {
  const { agent, conversationId } = await talk(app());
  await ask(agent, "conversation:resolve", { conversationId });
  const error = await refused(ask(agent, "conversation:reopen", { conversationId, expectedVersion: 2 }));
  expect(error).toMatchObject({ code: "conflict", details: { version: 3, status: "resolved" } });
  expect((await look(agent, conversationId)).conversation.status).toBe("resolved");
});

test("contacts reopen by writing, not by a command", async () => {
  const { contact, agent, conversationId } = await talk(app());
  await ask(agent, "conversation:resolve", { conversationId });
  expect(await codeOf(ask(contact, "conversation:reopen", { conversationId }))).toBe("invalid_payload");
  await say(contact, conversationId, "still broken");
  expect((await look(contact, conversationId)).conversation.status).toBe("open");
});

test("a contact whose conversation was resolved before they came hears what is said in it afterwards", async () => {
  const { contact, agent, conversationId } = await talk(app());
  await ask(agent, "conversation:resolve", { conversationId });
  const back = await anotherSocket(contact);
  expect(back.ready!.cursors).toEqual([]);
  const ear = await hear(back);
  const parting = await say(agent, conversationId, "one more thing");
  // Live or by healing, but within seconds.
  await back.until(
    () =>
      ear.entries(conversationId).some(({ id }) => id === parting.id) ||
      ear.of("timeline:head", (told) => told.headSeq >= parting.seq).length > 0 ||
      ear.of("conversation:updated", ({ conversation }) => conversation.publicSeq >= parting.seq).length > 0,
    "what the agent said in a resolved conversation",
    5_000,
  );
  await ask(agent, "conversation:reopen", { conversationId });
  const answer = await say(agent, conversationId, "back again");
  await back.until(
    () =>
      ear.entries(conversationId).some(({ id }) => id === answer.id) ||
      ear.of("timeline:head", (told) => told.headSeq >= answer.seq).length > 0,
    "what the agent said after reopening",
    5_000,
  );
});

test("a resolve that is taken back at once leaves the conversation with its agent, also when they are away", async () => {
  const { tenant, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  await ask(agent, "availability:set", { availability: "away" });
  for (const person of [agent, colleague]) {
    await ask(person, "conversation:resolve", { conversationId });
    const { conversation } = await ask(person, "conversation:reopen", { conversationId });
    expect(conversation).toMatchObject({ status: "open", assigneeId: agent.ready!.actor.id });
  }
  await ask(agent, "conversation:resolve", { conversationId });
  await app().superuser.query("UPDATE conversations SET resolved_at = now() - interval '6 minutes' WHERE id = $1", [
    conversationId,
  ]);
  expect((await ask(agent, "conversation:reopen", { conversationId })).conversation.status).toBe("queued");
});

test("reopened by an agent, a contact waits since the words nobody answered, and not at all after an answer", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const settle = async () => {
    await ask(agent, "conversation:resolve", { conversationId });
    return (await ask(agent, "conversation:reopen", { conversationId })).conversation;
  };
  const { createdAt } = await say(contact, conversationId, "and one more thing");
  await say(contact, conversationId, "are you there?");
  expect((await settle()).waitingSince).toBe(createdAt);
  await say(agent, conversationId, "here I am");
  expect(await settle()).not.toHaveProperty("waitingSince");
});

test("a conversation that was resolved while it waited goes on waiting since its contact wrote", async () => {
  const { contact, agent } = await talk(app());
  const { id: conversationId } = await begin(contact);
  await say(contact, conversationId, "nobody yet?");
  const { waitingSince, queuedAt } = (await look(agent, conversationId)).conversation;
  await ask(agent, "conversation:resolve", { conversationId });
  const { conversation } = await ask(agent, "conversation:reopen", { conversationId });
  expect(conversation).toMatchObject({ status: "queued", waitingSince, queuedAt });
});
