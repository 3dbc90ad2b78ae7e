import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { anotherSocket, ask, codeOf, look, say } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";
import { talk } from "../support/scene.ts";

const app = useApp();

test("a receipt is told to everyone who follows, and every later look shows it", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const ears = await hearAll(agent, await anotherSocket(contact));
  expect(await ask(contact, "receipt:record", { conversationId, deliveredSeq: 3, readSeq: 1 })).toEqual({});
  const { kind, id } = contact.ready!.actor;
  const cursors = { deliveredSeq: 3, readSeq: 1 };
  for (const ear of ears)
    expect((await ear.calm()).of("receipt:recorded")).toEqual([
      { conversationId, audience: "public", actor: contact.ready!.actor, ...cursors },
    ]);
  for (const person of [contact, agent])
    expect((await look(person, conversationId)).receipts).toEqual([
      { audience: "public", actor: { kind, id }, ...cursors },
    ]);
});

test("receipts only move forward, and what does not move is not told", async () => {
  const { contact, agent, conversationId } = await talk(app());
  await ask(contact, "receipt:record", { conversationId, readSeq: 2 });
  const ear = await hear(agent);
  await ask(contact, "receipt:record", { conversationId, readSeq: 1 });
  await ask(contact, "receipt:record", { conversationId, deliveredSeq: 1 });
  await ask(contact, "receipt:record", { conversationId, readSeq: 2, deliveredSeq: 2 });
  expect((await ear.calm()).of("receipt:recorded")).toEqual([]);
  await ask(contact, "receipt:record", { conversationId, readSeq: 0, deliveredSeq: 3 });
  expect((await ear.calm()).of("receipt:recorded")).toMatchObject([{ deliveredSeq: 3, readSeq: 2 }]);
  expect((await look(agent, conversationId)).receipts).toMatchObject([{ deliveredSeq: 3, readSeq: 2 }]);
});

test.each([4, 99, 2 ** 31, Number.MAX_SAFE_INTEGER])(
  "a receipt for %d, beyond the head, stands at the head",
  async (seq) => {
    const { contact, conversationId } = await talk(app());
    await ask(contact, "receipt:record", { conversationId, readSeq: seq });
    expect((await look(contact, conversationId)).receipts).toMatchObject([{ deliveredSeq: 3, readSeq: 3 }]);
    // Nothing is read before it is said.
    await say(contact, conversationId, "later");
    expect((await look(contact, conversationId)).receipts).toMatchObject([{ deliveredSeq: 3, readSeq: 3 }]);
  },
);

test("receipts of many tabs at once end at the furthest", async () => {
  const { contact, agent, conversationId } = await talk(app());
  for (let i = 0; i < 10; i += 1) await say(agent, conversationId, `line ${i}`);
  const tabs = [contact, await anotherSocket(contact), await anotherSocket(contact)];
  const ear = await hear(agent);
  await Promise.all(
    Array.from({ length: 36 }, (_, i) =>
      ask(tabs[i % 3]!, "receipt:record", { conversationId, readSeq: (i * 7) % 13, deliveredSeq: (i * 5) % 14 }),
    ),
  );
  const told = (await ear.calm()).of<{ readSeq: number; deliveredSeq: number }>("receipt:recorded");
  const reads = told.map(({ readSeq }) => readSeq);
  expect(reads).toEqual(reads.toSorted((a, b) => a - b));
  expect(told.at(-1)).toMatchObject({ readSeq: 12, deliveredSeq: 13 });
  expect((await look(agent, conversationId)).receipts).toMatchObject([{ readSeq: 12, deliveredSeq: 13 }]);
});

test("reading ends being unread, for the reader alone, and in each timeline by itself", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  await say(agent, conversationId, "a note", { audience: "internal" });
  await say(contact, conversationId, "and now?");
  const unread = async () => {
    const views = await Promise.all([contact, agent, colleague].map((person) => look(person, conversationId)));
    return views.map(({ conversation }) => conversation.unread);
  };
  expect(await unread()).toEqual([1, 2, 4]);
  await ask(colleague, "receipt:record", { conversationId, readSeq: 3 });
  expect(await unread()).toEqual([1, 2, 2]);
  await ask(colleague, "receipt:record", { conversationId, audience: "internal", readSeq: 1 });
  expect(await unread()).toEqual([1, 2, 1]);
  await ask(contact, "receipt:record", { conversationId, readSeq: 4 });
  await ask(agent, "receipt:record", { conversationId, deliveredSeq: 4 });
  expect(await unread()).toEqual([0, 2, 1]);
  expect((await anotherSocket(contact)).ready!.unread).toBe(0);
  expect((await anotherSocket(agent)).ready!.unread).toBe(2);
});

test("what one reads in one tab is read in the other, whether that one has opened the conversation or not", async () => {
  const { tenant, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const reader = await app().agent(tenant, { agent: tenant.agents[1]! });
  const tab = await anotherSocket(reader);
  const ear = await hear(tab);
  await ask(reader, "conversation:open", { conversationId });
  await ask(reader, "receipt:record", { conversationId, readSeq: 3 });
  const told = await ear.next("receipt:recorded", undefined, 5_000);
  expect(told).toMatchObject({ conversationId, actor: { id: reader.ready!.actor.id }, readSeq: 3 });
});

test("receipts of notes are for agents, and those of somebody else's conversation for nobody", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app());
  await say(agent, conversationId, "a note", { audience: "internal" });
  const ear = await hear(contact);
  await ask(agent, "receipt:record", { conversationId, audience: "internal", readSeq: 1 });
  expect((await ear.calm()).news).toEqual([]);
  const internal = { conversationId, audience: "internal", readSeq: 1 };
  expect(await codeOf(ask(contact, "receipt:record", internal))).toBe("not_found");
  const stranger = await app().contact(tenant);
  expect(await codeOf(ask(stranger, "receipt:record", { conversationId, readSeq: 1 }))).toBe("not_found");
  expect((await look(contact, conversationId)).receipts).toEqual([]);
});
