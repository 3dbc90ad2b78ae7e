import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { anotherSocket, ask, codeOf, look, refused } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";
import { begin, talk } from "../support/scene.ts";
import { assignmentsOf, loadOf } from "../support/tables.ts";

const app = useApp();

test("resolving tells everyone, frees the agent's slot, and the ack is what a look shows", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app());
  const ears = await hearAll(contact, await anotherSocket(contact), await anotherSocket(agent));
  const { conversation } = await ask(agent, "conversation:resolve", { conversationId });
  expect(conversation).toMatchObject({ status: "resolved", resolvedAt: expect.any(String), publicSeq: 4, version: 3 });
  expect(conversation).not.toHaveProperty("waitingSince");
  for (const ear of ears) {
    await ear.calm();
    expect(ear.entries(conversationId)).toMatchObject([{ seq: 4, activity: { type: "resolved" } }]);
    expect(ear.of("conversation:updated").at(-1).conversation).toMatchObject({ status: "resolved", version: 3 });
  }
  expect((await look(agent, conversationId)).conversation).toEqual(conversation);
  expect(await loadOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(0);
  expect(await assignmentsOf(app().superuser, conversationId)).toMatchObject([
    { running: false, endReason: "resolved" },
  ]);
});

test("a contact may resolve their own, and sees it as a contact", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app());
  const ear = await hear(agent);
  const { conversation } = await ask(contact, "conversation:resolve", { conversationId });
  expect(conversation.status).toBe("resolved");
  expect(conversation).not.toHaveProperty("internalSeq");
  expect((await ear.calm()).entries(conversationId)).toMatchObject([
    { author: { kind: "contact", id: contact.ready!.actor.id }, activity: { type: "resolved" } },
  ]);
  expect(await loadOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(0);
  const stranger = await app().contact(tenant);
  expect(await codeOf(ask(stranger, "conversation:resolve", { conversationId }))).toBe("not_found");
});

test("resolving what is resolved changes nothing, all at once as well as later", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app());
  const both = [agent, contact, agent, contact, agent];
  await Promise.all(both.map((person) => ask(person, "conversation:resolve", { conversationId })));
  const before = await look(agent, conversationId);
  expect(before.entries.filter(({ activity }) => activity?.type === "resolved")).toHaveLength(1);
  const ear = await hear(agent);
  expect((await ask(agent, "conversation:resolve", { conversationId })).conversation).toEqual(before.conversation);
  expect((await ear.calm()).news).toEqual([]);
  expect(await loadOf(app().superuser, tenant.id, agent.ready!.actor.id)).toBe(0);
});

test("what nobody has taken can be resolved", async () => {
  const tenant = await app().tenant();
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const { id: conversationId } = await begin(contact);
  const { conversation } = await ask(agent, "conversation:resolve", { conversationId });
  expect(conversation.status).toBe("resolved");
  expect(await assignmentsOf(app().superuser, conversationId)).toEqual([]);
});

test("an outdated view does not resolve", async () => {
  const { agent, conversationId } = await talk(app());
  const error = await refused(ask(agent, "conversation:resolve", { conversationId, expectedVersion: 1 }));
  expect(error).toMatchObject({ code: "conflict", details: { version: 2, status: "open" } });
  expect((await look(agent, conversationId)).conversation.status).toBe("open");
  await ask(agent, "conversation:resolve", { conversationId, expectedVersion: 2 });
});

test("the freed slot goes to whoever waits longest", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { capacity: 1, strategy: "least_loaded" });
  const agentId = agent.ready!.actor.id;
  const waiting = [await begin(contact, "first"), await begin(contact, "second")];
  for (const [i, { id }] of waiting.entries())
    await app().superuser.query(
      "UPDATE conversations SET created_at = now() - make_interval(mins => $2) WHERE id = $1",
      [id, 10 - i],
    );
  const ear = await hear(agent);
  await ask(agent, "conversation:resolve", { conversationId });
  const { conversation } = await ear.next("conversation:assigned");
  expect(conversation).toMatchObject({ id: waiting[0]!.id, status: "open", assigneeId: agentId });
  expect((await look(agent, waiting[1]!.id)).conversation.status).toBe("queued");
  expect(await loadOf(app().superuser, tenant.id, agentId)).toBe(1);
});
