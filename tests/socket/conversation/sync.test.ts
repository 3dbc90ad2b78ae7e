import { describe, expect, test } from "vitest";
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

test("equal cursors are refused; of one timeline, different places may be asked for", async () => {
  const { contact, conversationId } = await talk(app());
  const twice = [cursor(conversationId, 0), cursor(conversationId.toUpperCase(), 0)];
  expect(await codeOf(ask(contact, "conversation:sync", { cursors: twice }))).toBe("invalid_payload");
  // Both lie beyond the last place there can be.
  const beyond = [cursor(conversationId, 2 ** 31), cursor(conversationId, 2 ** 40)];
  expect(await codeOf(ask(contact, "conversation:sync", { cursors: beyond }))).toBe("invalid_payload");
  const apart = [cursor(conversationId, 0), cursor(conversationId, 1)];
  expect((await ask(contact, "conversation:sync", { cursors: apart })).timelines).toHaveLength(2);
});

describe("an answer is bounded however much is asked for", () => {
  const longest = "ä".repeat(limits.bodyCharacters);

  test("long entries fill it, the first timeline first, and asking on brings every one of them", async () => {
    const { contact, conversationId } = await talk(app());
    const { id: other } = await begin(contact);
    await fillTimeline(app().superuser, conversationId, 60, longest);
    await fillTimeline(app().superuser, other, 60, longest);
    const held = new Map([
      [conversationId, 0],
      [other, 0],
    ]);
    for (let rounds = 0; ; rounds += 1) {
      const cursors = [...held].map(([id, afterSeq]) => cursor(id, afterSeq));
      const answer = await ask(contact, "conversation:sync", { cursors });
      expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(limits.answerBytes * 1.1);
      for (const { conversationId: id, entries, headSeq } of answer.timelines) {
        expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, i) => held.get(id)! + i + 1));
        held.set(id, held.get(id)! + entries.length);
        if (held.get(id) === headSeq) held.delete(id);
      }
      if (held.size === 0) break;
      expect(answer.timelines.some(({ entries }) => entries.length > 0)).toBe(true);
      expect(rounds).toBeLessThan(20);
    }
  });

  test("so do very many short ones", async () => {
    const { contact, conversationId } = await talk(app());
    await fillTimeline(app().superuser, conversationId, 600, "");
    const cursors = Array.from({ length: 100 }, (_, afterSeq) => cursor(conversationId, afterSeq));
    const { timelines } = await ask(contact, "conversation:sync", { cursors });
    const amount = timelines.reduce((sum, { entries }) => sum + entries.length, 0);
    expect(amount).toBeGreaterThan(0);
    expect(amount).toBeLessThanOrEqual(limits.syncEntriesInAll);
    expect(timelines.map(({ headSeq }) => headSeq)).toEqual(timelines.map(() => 603));
  });

  test("an entry that is longer than the whole answer is given by itself", async () => {
    const { contact, conversationId } = await talk(app());
    await fillTimeline(app().superuser, conversationId, 2, "x".repeat(limits.answerBytes * 2));
    const { timelines } = await ask(contact, "conversation:sync", { cursors: [cursor(conversationId, 3)] });
    expect(timelines[0]!.entries.map(({ seq }) => seq)).toEqual([4]);
    expect(timelines[0]!.headSeq).toBe(5);
  });
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
