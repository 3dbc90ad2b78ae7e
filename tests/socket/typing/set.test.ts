import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import { anotherSocket, ask, codeOf } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";
import { begin, talk } from "../support/scene.ts";
import { snapshot } from "../support/tables.ts";

const app = useApp();

test("typing reaches everyone else who follows the timeline, and not the socket that types", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const others = await hearAll(agent, await anotherSocket(contact), await anotherSocket(agent));
  const own = await hear(contact);
  for (const typing of [true, false]) expect(await ask(contact, "typing:set", { conversationId, typing })).toEqual({});
  const told = { conversationId, audience: "public", actor: contact.ready!.actor };
  for (const ear of others)
    expect((await ear.calm()).of("typing:changed")).toEqual([
      { ...told, typing: true },
      { ...told, typing: false },
    ]);
  expect((await own.calm()).news).toEqual([]);
});

test("typing a note reaches agents alone", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  await ask(colleague, "conversation:open", { conversationId });
  const [ofContact, ofColleague] = await hearAll(contact, colleague);
  await ask(agent, "typing:set", { conversationId, audience: "internal", typing: true });
  expect((await ofColleague.calm()).of("typing:changed")).toMatchObject([
    { audience: "internal", actor: agent.ready!.actor },
  ]);
  expect((await ofContact.calm()).news).toEqual([]);
});

test("only those who follow a timeline type in it, and only they hear it", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  const outsider = await app().agent(tenant, {
    agent: await addAgent(app().superuser, tenant, "agent", { inDepartment: false }),
  });
  const stranger = await app().contact(tenant);
  const ears = await hearAll(colleague, outsider, stranger);
  await ask(agent, "typing:set", { conversationId, typing: true });
  for (const ear of ears) expect((await ear.calm()).of("typing:changed")).toEqual([]);
  const ofContact = await hear(contact);
  for (const person of [colleague, outsider, stranger])
    expect(await codeOf(ask(person, "typing:set", { conversationId, typing: true }))).toBe("not_found");
  const internal = { conversationId, audience: "internal", typing: true };
  expect(await codeOf(ask(contact, "typing:set", internal))).toBe("not_found");
  expect((await ofContact.calm()).of("typing:changed")).toEqual([]);
  await ask(colleague, "conversation:open", { conversationId });
  await ask(colleague, "typing:set", { conversationId, typing: true });
  expect((await ofContact.calm()).of("typing:changed")).toMatchObject([{ actor: colleague.ready!.actor }]);
});

test("typing in one conversation says nothing in another, and leaves no trace", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const { id: other } = await begin(contact);
  const before = await snapshot(app().superuser);
  const ear = await hear(agent);
  await ask(contact, "typing:set", { conversationId: other, typing: true });
  await ask(contact, "typing:set", { conversationId, typing: true });
  expect((await ear.calm()).of("typing:changed")).toMatchObject([{ conversationId }]);
  expect(await snapshot(app().superuser)).toEqual(before);
});
