import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { ask, codeOf, say } from "../support/ask.ts";
import { talk } from "../support/scene.ts";
import { fillTimeline } from "../support/tables.ts";

const app = useApp();

test("pages lead from the head back to the first entry, without a gap and without a repetition", async () => {
  const { contact, conversationId } = await talk(app());
  await fillTimeline(app().superuser, conversationId, 120);
  const pages: number[][] = [];
  for (let beforeSeq = 124; beforeSeq > 1;) {
    const { entries } = await ask(contact, "conversation:history", {
      conversationId,
      audience: "public",
      beforeSeq,
      limit: 50,
    });
    pages.push(entries.map(({ seq }) => seq));
    beforeSeq = entries[0]!.seq;
    // What is said meanwhile changes nothing about what was said before.
    await say(contact, conversationId, "meanwhile");
  }
  expect(pages.map((page) => page.length)).toEqual([50, 50, 23]);
  expect(pages.toReversed().flat()).toEqual(Array.from({ length: 123 }, (_, i) => i + 1));
});

test("there are 50 entries to a page unless told otherwise, and nothing before the first", async () => {
  const { contact, conversationId } = await talk(app());
  await fillTimeline(app().superuser, conversationId, 60);
  const before = (beforeSeq: number) =>
    ask(contact, "conversation:history", { conversationId, audience: "public", beforeSeq });
  expect((await before(64)).entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, i) => i + 14));
  expect((await before(1)).entries).toEqual([]);
  expect((await before(0)).entries).toEqual([]);
});

test.each([2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER])("before %d stands the newest page", async (beforeSeq) => {
  const { contact, conversationId } = await talk(app());
  const { entries } = await ask(contact, "conversation:history", { conversationId, audience: "public", beforeSeq });
  expect(entries.map(({ seq }) => seq)).toEqual([1, 2, 3]);
});

test("agents page through either timeline, contacts only through theirs", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const note = await say(agent, conversationId, "a note", { audience: "internal" });
  const internal = { conversationId, audience: "internal", beforeSeq: 100 };
  expect((await ask(agent, "conversation:history", internal)).entries).toEqual([note]);
  expect(await codeOf(ask(contact, "conversation:history", internal))).toBe("not_found");
});
