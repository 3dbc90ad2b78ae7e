import { expect, test } from "vitest";
import { limits } from "../../../server/contract/entities.ts";
import { useApp } from "../../support/app.ts";
import { ask, codeOf, refused, say } from "../support/ask.ts";
import { begin, talk } from "../support/scene.ts";
import { fillTimeline } from "../support/tables.ts";

const app = useApp();

const cursor = (conversationId: string, afterSeq: number, audience = "public") => ({
  conversationId,
  audience,
  afterSeq,
});

test("200 cursors are answered in one go, each with what comes after it, in the order asked", async () => {
  const tenant = await app().tenant();
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const started = await Promise.all(Array.from({ length: limits.syncCursors / 2 }, () => begin(contact)));
  const cursors = started.flatMap(({ id }, i) => [cursor(id, i % 2), cursor(id, 0, "internal")]);
  const { timelines } = await ask(agent, "conversation:sync", { cursors });
  expect(timelines).toHaveLength(limits.syncCursors);
  for (const [i, { entries, ...timeline }] of timelines.entries()) {
    const { conversationId, audience, afterSeq } = cursors[i]!;
    const headSeq = audience === "public" ? 1 : 0;
    expect(timeline).toEqual({ conversationId, audience, headSeq });
    expect(entries.map(({ seq }) => seq)).toEqual(headSeq > afterSeq ? [1] : []);
  }
  const tooMany = [...cursors, cursor(started[0]!.id, 0)];
  expect(await codeOf(ask(agent, "conversation:sync", { cursors: tooMany }))).toBe("invalid_payload");
});

test("no cursors, no timelines", async () => {
  const contact = await app().contact(await app().tenant());
  expect(await ask(contact, "conversation:sync", { cursors: [] })).toEqual({ timelines: [] });
});

test("a cursor at the head is answered with nothing, one beyond it with a resync", async () => {
  const { contact, conversationId } = await talk(app());
  const { timelines } = await ask(contact, "conversation:sync", {
    cursors: [cursor(conversationId, 3), cursor(conversationId, 4), cursor(conversationId, Number.MAX_SAFE_INTEGER)],
  });
  const at = { conversationId, audience: "public", entries: [], headSeq: 3 };
  expect(timelines).toEqual([at, { ...at, resync: true }, { ...at, resync: true }]);
});

test("a timeline answers 500 entries at a time, and `headSeq` says that more remain", async () => {
  const { contact, conversationId } = await talk(app());
  await fillTimeline(app().superuser, conversationId, 1_100);
  const seen: number[] = [];
  const sizes: number[] = [];
  for (let head = 1; seen.length < head;) {
    const { timelines } = await ask(contact, "conversation:sync", { cursors: [cursor(conversationId, seen.length)] });
    const [{ entries, headSeq }] = timelines as [(typeof timelines)[0]];
    sizes.push(entries.length);
    seen.push(...entries.map(({ seq }) => seq));
    head = headSeq;
  }
  expect(sizes).toEqual([500, 500, 103]);
  expect(seen).toEqual(Array.from({ length: 1_103 }, (_, i) => i + 1));
});

test("what was edited, deleted or reacted to comes as it stands now", async () => {
  const { contact, conversationId } = await talk(app());
  await ask(contact, "message:edit", { conversationId, seq: 1, body: "hello there" });
  await ask(contact, "message:react", { conversationId, seq: 3, emoji: "👍" });
  const { timelines } = await ask(contact, "conversation:sync", { cursors: [cursor(conversationId, 0)] });
  const [first, , third] = timelines[0]!.entries;
  expect(first).toMatchObject({ body: "hello there", editedAt: expect.any(String) });
  expect(third!.reactions).toEqual([{ emoji: "👍", actors: [{ kind: "contact", id: contact.ready!.actor.id }] }]);
});

test("a conversation that is not one's own refuses the request and is named, so that it can be dropped", async () => {
  const { tenant, contact, conversationId } = await talk(app());
  const { id: foreign } = await begin(await app().contact(tenant));
  const error = await refused(
    ask(contact, "conversation:sync", { cursors: [cursor(conversationId, 0), cursor(foreign, 0)] }),
  );
  expect(error).toMatchObject({ code: "not_found", details: { conversationIds: [foreign] } });
});

test("to a contact the internal timeline does not exist", async () => {
  const { contact, agent, conversationId } = await talk(app());
  await say(agent, conversationId, "a note", { audience: "internal" });
  const asked = ask(contact, "conversation:sync", { cursors: [cursor(conversationId, 0, "internal")] });
  expect(await codeOf(asked)).toBe("not_found");
});
