import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import { anotherSocket, ask } from "../support/ask.ts";
import { hear } from "../support/hear.ts";
import { begin, talk } from "../support/scene.ts";
import { idOf } from "../support/world.ts";

const app = useApp();

test("a contact sees whether their agent is there, from the first look on, and no other agent", async () => {
  const { tenant, contact, agent } = await talk(app(), { roles: ["agent", "agent"] });
  const back = contact.again();
  back.connect().catch(() => {});
  const first = await back.next("presence:changed");
  expect(first).toEqual({ actor: agent.ready!.actor, presence: "online", availability: "available" });
  const ear = await hear(back);
  await app().agent(tenant, { agent: tenant.agents[1]! });
  await ask(agent, "presence:set", { presence: "idle" });
  await ear.next("presence:changed", ({ presence }) => presence === "idle");
  await ask(agent, "availability:set", { availability: "away" });
  await ear.next("presence:changed", ({ availability }) => availability === "away");
  const id = idOf(agent);
  agent.close();
  await ear.next("presence:changed", ({ presence }) => presence === "offline");
  expect(new Set(ear.of("presence:changed").map(({ actor }) => actor.id))).toEqual(new Set([id]));
  back.close();
});

test("a contact whose conversation changes hands hears how the new agent is", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  const id = idOf(colleague);
  const ear = await hear(contact);
  await ask(agent, "conversation:transfer", { conversationId, agentId: id });
  const told = await ear.next("presence:changed", ({ actor }) => actor.id === id);
  expect(told).toMatchObject({ presence: "online", availability: "available" });
  colleague.close();
  await ear.next("presence:changed", ({ actor, presence }) => actor.id === id && presence === "offline");
});

test("agents who follow a conversation see whether its contact is there, over a reload and to the end", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const id = idOf(contact);
  const ofContact = ({ actor }: { actor: { id: string } }) => actor.id === id;
  const bystander = await app().agent(tenant, { agent: await addAgent(app().superuser, tenant) });
  const ofBystander = await hear(bystander);
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  const ear = await hear(colleague);
  await ask(colleague, "conversation:open", { conversationId });
  expect(await ear.next("presence:changed", ofContact)).toEqual({ actor: { kind: "contact", id }, presence: "online" });
  const reloaded = agent.again();
  reloaded.connect().catch(() => {});
  expect(await reloaded.next("presence:changed", ofContact)).toMatchObject({ presence: "online" });
  reloaded.close();
  contact.close();
  const tab = await anotherSocket(contact);
  await ask(tab, "conversation:list", {});
  expect(ear.of("presence:changed", ofContact)).toHaveLength(1);
  tab.close();
  await ear.next("presence:changed", ({ actor, presence }) => actor.id === id && presence === "offline");
  expect((await ofBystander.calm()).of("presence:changed", ofContact)).toEqual([]);
});

test("a visitor who has not said a word is nobody's presence", async () => {
  const tenant = await app().tenant();
  const [visitor, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const { node } = app().app;
  expect(await node.presence.among(tenant.id, "contact", [idOf(visitor)])).toEqual(new Map());
  const { id: conversationId } = await begin(visitor);
  const ear = await hear(agent);
  await ask(agent, "conversation:open", { conversationId });
  await ear.next("presence:changed", ({ actor, presence }) => actor.id === idOf(visitor) && presence === "online");
  expect([...(await node.presence.among(tenant.id, "contact", [idOf(visitor)]))!.keys()]).toEqual([idOf(visitor)]);
});
