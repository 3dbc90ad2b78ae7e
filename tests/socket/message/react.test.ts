import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { ask, codeOf, look, say } from "../support/ask.ts";
import { hearAll } from "../support/hear.ts";
import { talk } from "../support/scene.ts";

const app = useApp();

test("a reaction is an activity that names the message, told to everyone, and every later look shows it", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const ears = await hearAll(contact, agent);
  const { entry } = await ask(contact, "message:react", { conversationId, seq: 3, emoji: "👍" });
  expect(entry).toMatchObject({
    seq: 4,
    kind: "activity",
    activity: { type: "message_reacted", seq: 3, emoji: "👍", removed: false },
  });
  for (const ear of ears) expect((await ear.calm()).entries(conversationId)).toEqual([entry]);
  const actors = [{ kind: "contact", id: contact.ready!.actor.id }];
  expect((await look(agent, conversationId)).entries[2]!.reactions).toEqual([{ emoji: "👍", actors }]);
});

test("reactions gather by emoji, each person once, and come off again", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const react = (person: typeof contact, emoji: string, remove?: boolean) =>
    ask(person, "message:react", { conversationId, seq: 1, emoji, ...(remove !== undefined && { remove }) });
  const shown = async () =>
    (await look(contact, conversationId)).entries[0]!.reactions?.map(({ emoji, actors }) => [emoji, actors.length]);
  await react(contact, "👍");
  await react(agent, "👍");
  await react(agent, "🎉", false);
  await react(agent, "🎉", false);
  expect(await shown()).toEqual([
    ["👍", 2],
    ["🎉", 1],
  ]);
  await react(contact, "👍", true);
  // Without `remove` it is the other way than it stands.
  const { entry } = await react(agent, "👍");
  expect(entry.activity).toMatchObject({ removed: true });
  expect(await shown()).toEqual([["🎉", 1]]);
  await react(agent, "🎉", true);
  expect(await shown()).toBeUndefined();
});

test("people who react at once all count", async () => {
  const roles = Array.from({ length: 8 }, () => "agent" as const);
  const { tenant, contact, conversationId } = await talk(app(), { roles });
  const agents = await Promise.all(tenant.agents.map((agent) => app().agent(tenant, { agent })));
  const everybody = [contact, ...agents];
  await Promise.all(
    everybody.map((person) => ask(person, "message:react", { conversationId, seq: 1, emoji: "❤️", remove: false })),
  );
  const { entries } = await look(contact, conversationId);
  expect(entries[0]!.reactions![0]!.actors.map(({ id }) => id).toSorted()).toEqual(
    everybody.map(({ ready }) => ready!.actor.id).toSorted(),
  );
  expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: entries.length }, (_, i) => i + 1));
});

test("a message carries at most 20 different reactions", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const react = (person: typeof contact, emoji: string) =>
    ask(person, "message:react", { conversationId, seq: 1, emoji, remove: false });
  for (let i = 0; i < 20; i += 1) await react(contact, String.fromCodePoint(0x1f600 + i));
  expect(await codeOf(react(contact, "🚀"))).toBe("invalid_payload");
  await react(agent, String.fromCodePoint(0x1f600));
  expect((await look(contact, conversationId)).entries[0]!.reactions).toHaveLength(20);
});

test.each(["👍🏽", "❤️", "👩‍👩‍👧‍👦", "🇩🇪", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"])("%s is one emoji", async (emoji) => {
  const { contact, conversationId } = await talk(app());
  await ask(contact, "message:react", { conversationId, seq: 3, emoji });
  expect((await look(contact, conversationId)).entries[2]!.reactions![0]!.emoji).toBe(emoji);
});

test.each(["", " ", "ok", "7", "#", "👍 👍", "a👍", "<b>", "👍".repeat(17), "\u0000", "\ud83d"])(
  "%j is no emoji",
  async (emoji) => {
    const { contact, conversationId } = await talk(app());
    expect(await codeOf(ask(contact, "message:react", { conversationId, seq: 3, emoji }))).toBe("invalid_payload");
    expect((await look(contact, conversationId)).conversation.publicSeq).toBe(3);
  },
);

test.each([0, 2, 99, 2 ** 31])("entry %d is no message, so there is nothing to react to", async (seq) => {
  const { contact, conversationId } = await talk(app());
  expect(await codeOf(ask(contact, "message:react", { conversationId, seq, emoji: "👍" }))).toBe("not_found");
});

test("an emoji is one, whatever keyboard it comes from", async () => {
  const { contact, agent, conversationId } = await talk(app());
  await ask(contact, "message:react", { conversationId, seq: 3, emoji: "❤" });
  await ask(agent, "message:react", { conversationId, seq: 3, emoji: "❤\ufe0f" });
  const [reaction, ...others] = (await look(contact, conversationId)).entries[2]!.reactions!;
  expect([reaction!.emoji, reaction!.actors.length, others]).toEqual(["❤\ufe0f", 2, []]);
  await ask(contact, "message:react", { conversationId, seq: 3, emoji: "❤\ufe0f", remove: true });
  expect((await look(contact, conversationId)).entries[2]!.reactions![0]!.actors).toHaveLength(1);
});

test("contacts don't react to notes", async () => {
  const { contact, agent, conversationId } = await talk(app());
  await say(agent, conversationId, "a note", { audience: "internal" });
  const about = { conversationId, audience: "internal", seq: 1, emoji: "👍" };
  expect(await codeOf(ask(contact, "message:react", about))).toBe("not_found");
  expect((await ask(agent, "message:react", about)).entry.audience).toBe("internal");
});
