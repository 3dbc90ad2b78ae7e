import { expect, test } from "vitest";
import { limits } from "../../../server/contract/entities.ts";
import { useApp } from "../../support/app.ts";
import { anotherSocket, ask, codeOf, look, say } from "../support/ask.ts";
import { hearAll } from "../support/hear.ts";
import { talk } from "../support/scene.ts";

const app = useApp();

test("an edit is an activity that names the message, told to everyone alike, and every later look shows it made", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const ears = await hearAll(contact, agent, await anotherSocket(contact));
  const { entry } = await ask(contact, "message:edit", { conversationId, seq: 1, body: "hello there" });
  expect(entry).toMatchObject({
    seq: 4,
    kind: "activity",
    author: { kind: "contact", id: contact.ready!.actor.id },
    activity: { type: "message_edited", seq: 1, body: "hello there", editedAt: expect.any(String) },
  });
  for (const ear of ears) expect((await ear.calm()).entries(conversationId)).toEqual([entry]);
  for (const person of [contact, agent]) {
    const { entries } = await look(person, conversationId);
    expect(entries[0]).toMatchObject({
      seq: 1,
      body: "hello there",
      editedAt: (entry.activity as { editedAt: string }).editedAt,
    });
    expect(entries[3]).toEqual(entry);
  }
});

test("an edit leaves number, author and time of the message as they were", async () => {
  const { contact, conversationId } = await talk(app());
  const [before] = (await look(contact, conversationId)).entries;
  await ask(contact, "message:edit", { conversationId, seq: 1, body: "better" });
  const [after] = (await look(contact, conversationId)).entries;
  expect(after).toEqual({ ...before, body: "better", editedAt: expect.any(String) });
});

test("only its author edits a message, and whoever may edit what others wrote", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent", "manager"] });
  const [colleague, manager] = [
    await app().agent(tenant, { agent: tenant.agents[1]! }),
    await app().agent(tenant, { agent: tenant.agents[2]! }),
  ];
  const edit = (person: typeof contact, seq: number) =>
    ask(person, "message:edit", { conversationId, seq, body: `by ${person.options.name}` });
  expect(await codeOf(edit(contact, 3))).toBe("permission_denied");
  expect(await codeOf(edit(agent, 1))).toBe("permission_denied");
  expect(await codeOf(edit(colleague, 3))).toBe("permission_denied");
  await edit(agent, 3);
  await edit(manager, 3);
  expect((await look(contact, conversationId)).entries[2]!.body).toBe(`by ${manager.options.name}`);
});

test.each([0, 2, 99, 2 ** 31, Number.MAX_SAFE_INTEGER])(
  "entry %d is no message, so there is nothing to edit",
  async (seq) => {
    const { contact, conversationId } = await talk(app());
    expect(await codeOf(ask(contact, "message:edit", { conversationId, seq, body: "x" }))).toBe("not_found");
  },
);

test("a note is edited in the internal timeline, and not by contacts", async () => {
  const { contact, agent, conversationId } = await talk(app());
  await say(agent, conversationId, "a note", { audience: "internal" });
  const edit = { conversationId, audience: "internal", seq: 1, body: "a better note" };
  expect(await codeOf(ask(contact, "message:edit", edit))).toBe("not_found");
  const { entry } = await ask(agent, "message:edit", edit);
  expect(entry).toMatchObject({ audience: "internal", seq: 2 });
  expect((await look(agent, conversationId)).conversation).toMatchObject({ publicSeq: 3, internalSeq: 2 });
});

test("edits at once leave the words of the last one in the timeline", async () => {
  const { contact, conversationId } = await talk(app());
  const edits = Array.from({ length: 10 }, (_, i) =>
    ask(contact, "message:edit", { conversationId, seq: 1, body: `version ${i}` }),
  );
  await Promise.all(edits);
  const { entries } = await look(contact, conversationId);
  expect(entries).toHaveLength(13);
  expect(entries.at(-1)!.activity).toMatchObject({ type: "message_edited", body: entries[0]!.body });
});

test("an edited body is as long as a body may be", async () => {
  const { contact, conversationId } = await talk(app());
  const body = "🧦".repeat(limits.bodyCharacters);
  await ask(contact, "message:edit", { conversationId, seq: 1, body });
  expect((await look(contact, conversationId)).entries[0]!.body).toBe(body);
  for (const wrong of ["", " ", `${body}!`])
    expect(await codeOf(ask(contact, "message:edit", { conversationId, seq: 1, body: wrong }))).toBe("invalid_payload");
});
