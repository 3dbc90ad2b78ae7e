import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { ask, codeOf, look, say } from "../support/ask.ts";
import { hearAll } from "../support/hear.ts";
import { talk } from "../support/scene.ts";
import { tablesWith } from "../support/tables.ts";

const app = useApp();

test("a deletion is an activity that names the message, whose place remains", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const ears = await hearAll(contact, agent);
  const { entry } = await ask(contact, "message:delete", { conversationId, seq: 1 });
  expect(entry).toMatchObject({
    seq: 4,
    kind: "activity",
    activity: { type: "message_deleted", seq: 1, deletedAt: expect.any(String) },
  });
  for (const ear of ears) expect((await ear.calm()).entries(conversationId)).toEqual([entry]);
  const { entries } = await look(agent, conversationId);
  expect(entries[0]).toMatchObject({
    seq: 1,
    kind: "message",
    deletedAt: (entry.activity as { deletedAt: string }).deletedAt,
  });
  expect(entries[0]).not.toHaveProperty("body");
  expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
});

test("deleted words are nowhere but in the audit log any more, those of earlier edits included", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const words = [randomUUID(), randomUUID(), randomUUID()];
  for (const [person, audience] of [
    [contact, "public"],
    [agent, "internal"],
  ] as const) {
    const where = { conversationId, ...(audience === "internal" && { audience }) };
    const { seq } = await say(person, conversationId, words[0]!, audience === "internal" ? { audience } : {});
    for (const body of words.slice(1)) await ask(person, "message:edit", { ...where, seq, body });
    await ask(person, "message:react", { ...where, seq, emoji: "👍" });
    // The first words went with the first edit.
    const placesOf = async (word: string) =>
      (await tablesWith(app().superuser, word)).filter((table) => table !== "audit_events");
    for (const word of words.slice(1)) expect(await placesOf(word)).toEqual(["entries"]);
    await ask(person, "message:delete", { ...where, seq });
    for (const word of words) expect(await placesOf(word)).toEqual([]);
  }
});

test("a deleted message can't be edited, reacted to or deleted again, and a resend does not bring it back", async () => {
  const { contact, conversationId } = await talk(app());
  const sent = await say(contact, conversationId, "oh no", { clientId: "oops" });
  const about = { conversationId, seq: sent.seq };
  await ask(contact, "message:delete", about);
  expect(await codeOf(ask(contact, "message:edit", { ...about, body: "x" }))).toBe("not_found");
  expect(await codeOf(ask(contact, "message:react", { ...about, emoji: "👍" }))).toBe("not_found");
  expect(await codeOf(ask(contact, "message:delete", about))).toBe("not_found");
  const again = await say(contact, conversationId, "oh no", { clientId: "oops" });
  expect(again).toMatchObject({ id: sent.id, seq: sent.seq, deletedAt: expect.any(String) });
  expect(again).not.toHaveProperty("body");
});

test("deleting at once happens once", async () => {
  const { contact, conversationId } = await talk(app());
  const outcomes = await Promise.all(
    Array.from({ length: 6 }, () =>
      ask(contact, "message:delete", { conversationId, seq: 1 }).then(
        () => "deleted",
        (error: unknown) => codeOf(Promise.reject(error)),
      ),
    ),
  );
  expect(outcomes.filter((outcome) => outcome === "deleted")).toHaveLength(1);
  expect(outcomes.filter((outcome) => outcome === "not_found")).toHaveLength(5);
  expect((await look(contact, conversationId)).conversation.publicSeq).toBe(4);
});

test("only its author deletes a message, and whoever may delete what others wrote", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent", "manager"] });
  const [colleague, manager] = [
    await app().agent(tenant, { agent: tenant.agents[1]! }),
    await app().agent(tenant, { agent: tenant.agents[2]! }),
  ];
  const remove = (person: typeof contact, seq: number) => ask(person, "message:delete", { conversationId, seq });
  expect(await codeOf(remove(contact, 3))).toBe("permission_denied");
  expect(await codeOf(remove(agent, 1))).toBe("permission_denied");
  expect(await codeOf(remove(colleague, 3))).toBe("permission_denied");
  await remove(agent, 3);
  await remove(manager, 1);
  const { entries } = await look(contact, conversationId);
  expect(entries.filter(({ deletedAt }) => deletedAt !== undefined).map(({ seq }) => seq)).toEqual([1, 3]);
});

test("a deleted message is unread by nobody", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const { seq } = await say(agent, conversationId, "never mind");
  expect((await look(contact, conversationId)).conversation.unread).toBe(2);
  await ask(agent, "message:delete", { conversationId, seq });
  expect((await look(contact, conversationId)).conversation.unread).toBe(1);
});

test.each([0, 2, 99, 2 ** 31])("entry %d is no message, so there is nothing to delete", async (seq) => {
  const { agent, conversationId } = await talk(app());
  expect(await codeOf(ask(agent, "message:delete", { conversationId, seq }))).toBe("not_found");
});

test("a note is deleted in the internal timeline, and not by contacts", async () => {
  const { contact, agent, conversationId } = await talk(app());
  await say(agent, conversationId, "a note", { audience: "internal" });
  const about = { conversationId, audience: "internal", seq: 1 };
  expect(await codeOf(ask(contact, "message:delete", about))).toBe("not_found");
  expect((await ask(agent, "message:delete", about)).entry).toMatchObject({ audience: "internal", seq: 2 });
});
