import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import { anotherSocket, ask, codeOf, look, say } from "../support/ask.ts";
import { hearAll } from "../support/hear.ts";
import { begin, talk } from "../support/scene.ts";
import { fillTimeline } from "../support/tables.ts";

const app = useApp();

test("an agent is shown both timelines, everyone's receipts and the conversation as it stands", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const note = await say(agent, conversationId, "a note", { audience: "internal" });
  await ask(contact, "receipt:record", { conversationId, readSeq: 3 });
  const { conversation, entries, receipts } = await look(agent, conversationId);
  expect(conversation).toMatchObject({ id: conversationId, status: "open", publicSeq: 3, internalSeq: 1, unread: 1 });
  const numbered = (audience: string) => entries.filter((entry) => entry.audience === audience).map(({ seq }) => seq);
  expect(numbered("public")).toEqual([1, 2, 3]);
  expect(entries.filter(({ audience }) => audience === "internal")).toEqual([note]);
  expect(receipts).toEqual([
    { audience: "public", actor: { kind: "contact", id: contact.ready!.actor.id }, deliveredSeq: 3, readSeq: 3 },
  ]);
});

test("a contact is shown nothing internal: no entries, no receipts, no numbers", async () => {
  const { contact, agent, conversationId } = await talk(app());
  await say(agent, conversationId, "between us", { audience: "internal" });
  await ask(agent, "receipt:record", { conversationId, audience: "internal", readSeq: 1 });
  await ask(agent, "receipt:record", { conversationId, readSeq: 1 });
  const { conversation, entries, receipts } = await look(contact, conversationId);
  expect(conversation).not.toHaveProperty("internalSeq");
  expect(entries.map(({ audience, seq }) => [audience, seq])).toEqual([
    ["public", 1],
    ["public", 2],
    ["public", 3],
  ]);
  expect(receipts.map(({ audience }) => audience)).toEqual(["public"]);
});

test("`limit` asks for the newest entries of each timeline", async () => {
  const { agent, conversationId } = await talk(app());
  for (let i = 0; i < 5; i += 1) await say(agent, conversationId, `note ${i}`, { audience: "internal" });
  const { entries } = await ask(agent, "conversation:open", { conversationId, limit: 2 });
  expect(entries.map(({ audience, seq }) => [audience, seq])).toEqual([
    ["public", 2],
    ["public", 3],
    ["internal", 4],
    ["internal", 5],
  ]);
  await fillTimeline(app().superuser, conversationId, 60);
  const { entries: fifty } = await ask(agent, "conversation:open", { conversationId });
  expect(fifty.filter(({ audience }) => audience === "public").map(({ seq }) => seq)).toEqual(
    Array.from({ length: 50 }, (_, i) => i + 14),
  );
});

test("whoever opened it hears of it, and whoever did not hears nothing", async () => {
  const { tenant, contact, conversationId } = await talk(app(), { roles: ["agent", "agent", "agent"] });
  const [opener, other] = [
    await app().agent(tenant, { agent: tenant.agents[1]! }),
    await app().agent(tenant, { agent: tenant.agents[2]! }),
  ];
  const [heard, unheard] = await hearAll(opener, other);
  await ask(opener, "conversation:open", { conversationId });
  const entry = await say(contact, conversationId, "anybody there?");
  expect((await heard.calm()).entries(conversationId)).toEqual([entry]);
  expect((await unheard.calm()).entries(conversationId)).toEqual([]);
});

test("an id in capitals is the same conversation, and its follower hears what is said", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const tab = await anotherSocket(agent);
  const capitals = conversationId.toUpperCase();
  const { conversation } = await ask(tab, "conversation:open", { conversationId: capitals });
  expect(conversation.id).toBe(conversationId);
  const [followed, ofAgent] = await hearAll(tab, agent);
  const entry = await say(contact, capitals, "louder");
  expect(entry.conversationId).toBe(conversationId);
  await ask(contact, "typing:set", { conversationId: capitals, typing: true });
  await ask(contact, "receipt:record", { conversationId: capitals, readSeq: 1 });
  for (const ear of [followed, ofAgent]) {
    await ear.calm();
    expect(ear.entries(conversationId)).toEqual([entry]);
    expect(ear.of("typing:changed", (told) => told.conversationId === conversationId)).toHaveLength(1);
    expect(ear.of("receipt:recorded", (told) => told.conversationId === conversationId)).toHaveLength(1);
  }
});

test("what somebody else's conversation says stays unheard: opening it is refused and subscribes to nothing", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app());
  const stranger = await app().contact(tenant);
  const outsider = await addAgent(app().superuser, tenant, "agent", { inDepartment: false });
  const colleague = await app().agent(tenant, { agent: outsider });
  const ears = await hearAll(stranger, colleague);
  for (const person of [stranger, colleague])
    expect(await codeOf(ask(person, "conversation:open", { conversationId }))).toBe("not_found");
  await say(contact, conversationId, "are you there?");
  await say(agent, conversationId, "a note", { audience: "internal" });
  for (const ear of ears) expect((await ear.calm()).news).toEqual([]);
});

test("nothing falls between what opening shows and what is heard afterwards", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const tabs = await Promise.all(Array.from({ length: 5 }, () => anotherSocket(agent)));
  const { id: other } = await begin(contact);
  const ears = await hearAll(...tabs);
  const said = Array.from({ length: 40 }, (_, i) => say(contact, conversationId, `word ${i}`));
  const opened = await Promise.all(tabs.map((tab) => ask(tab, "conversation:open", { conversationId, limit: 100 })));
  await Promise.all(said);
  for (const [i, { entries }] of opened.entries()) {
    const ear = await ears[i]!.calm();
    const seqs = [...entries, ...ear.entries(conversationId)].map(({ seq }) => seq);
    expect([...new Set(seqs)].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 43 }, (_, n) => n + 1));
    expect(ear.entries(other)).toEqual([]);
  }
});
