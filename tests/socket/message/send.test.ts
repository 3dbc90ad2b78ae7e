import { expect, test } from "vitest";
import { limits } from "../../../server/contract/entities.ts";
import { useApp } from "../../support/app.ts";
import { anotherSocket, ask, codeOf, look, refused, say } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";
import { begin, talk } from "../support/scene.ts";

const app = useApp();

test("the ack is what the others receive and what every later look shows", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  await ask(colleague, "conversation:open", { conversationId });
  const others = await hearAll(await anotherSocket(contact), agent, colleague);
  const own = await hear(contact);
  const { entry, headSeq } = await ask(contact, "message:send", {
    conversationId,
    clientId: "a question",
    body: "is it <b>here</b>? 🧦",
    replyToSeq: 3,
  });
  expect(entry).toMatchObject({
    conversationId,
    audience: "public",
    seq: 4,
    kind: "message",
    author: { kind: "contact", id: contact.ready!.actor.id },
    clientId: "a question",
    body: "is it <b>here</b>? 🧦",
    replyToSeq: 3,
  });
  expect(headSeq).toBe(4);
  for (const ear of others) expect((await ear.calm()).entries(conversationId)).toEqual([entry]);
  // Whoever sent it has the ack already.
  expect((await own.calm()).entries(conversationId)).toEqual([]);
  for (const person of [contact, agent]) {
    const { conversation, entries } = await look(person, conversationId);
    expect(entries.at(-1)).toEqual(entry);
    expect(conversation.lastEntry).toEqual(entry);
  }
});

test("the same clientId is stored once: all at once over two sockets, again later, and after a new connection", async () => {
  const { contact, conversationId } = await talk(app());
  const tab = await anotherSocket(contact);
  const payload = { conversationId, clientId: "once", body: "only once" };
  const send = (socket: typeof tab) => ask(socket, "message:send", payload);
  const answers = await Promise.all([contact, tab, contact, tab, contact, tab, contact].map(send));
  answers.push(await send(contact));
  contact.socket.disconnect();
  await contact.connect();
  answers.push(await send(contact));
  for (const { entry } of answers) expect(entry).toEqual(answers[0]!.entry);
  const { entries, conversation } = await look(contact, conversationId);
  expect(entries.filter(({ clientId }) => clientId === "once")).toHaveLength(1);
  expect(conversation.publicSeq).toBe(4);
});

test("a resend answers with the entry as it stands by now, and tells nobody a second time", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const payload = { conversationId, clientId: "once", body: "first words" };
  await ask(contact, "message:send", payload);
  await ask(contact, "message:edit", { conversationId, seq: 4, body: "better words" });
  const ear = await hear(agent);
  const { entry, headSeq } = await ask(contact, "message:send", payload);
  expect(entry).toMatchObject({ seq: 4, body: "better words", editedAt: expect.any(String) });
  expect(headSeq).toBeGreaterThanOrEqual(4);
  expect((await ear.calm()).news).toEqual([]);
});

test("two people's messages with one clientId are two messages, and so are one person's in two conversations", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const { id: other } = await begin(contact);
  const more = { clientId: "same" };
  const sent = [
    await say(contact, conversationId, "mine", more),
    await say(agent, conversationId, "yours", more),
    await say(contact, other, "elsewhere", more),
  ];
  expect(new Set(sent.map(({ id }) => id)).size).toBe(3);
  expect(sent.map(({ seq }) => seq)).toEqual([4, 5, 2]);
});

test("many senders at once leave no gap and no repetition, and everybody sees one order", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  await ask(colleague, "conversation:open", { conversationId });
  const tab = await anotherSocket(contact);
  await ask(tab, "conversation:open", { conversationId });
  const senders = [contact, agent, colleague, tab];
  const ears = await hearAll(...senders);
  const sent = await Promise.all(
    senders.flatMap((sender, s) => Array.from({ length: 25 }, (_, i) => say(sender, conversationId, `${s} says ${i}`))),
  );
  const seqs = sent.map(({ seq }) => seq).toSorted((a, b) => a - b);
  expect(seqs).toEqual(Array.from({ length: 100 }, (_, i) => i + 4));
  // The newest hundred: all but what stood before.
  const { entries } = await look(agent, conversationId);
  const told = new Map(sent.map((entry) => [entry.seq, entry]));
  expect(entries.map(({ seq }) => told.get(seq))).toEqual(entries);
  for (const [s, ear] of ears.entries()) {
    const heard = (await ear.calm()).entries(conversationId);
    expect(heard).toHaveLength(75);
    expect(heard.map(({ seq }) => seq)).toEqual(heard.map(({ seq }) => seq).toSorted((a, b) => a - b));
    // What one socket sent in order stands in that order.
    const own = sent.slice(s * 25, s * 25 + 25).map(({ seq }) => seq);
    expect(own).toEqual(own.toSorted((a, b) => a - b));
  }
});

test("a contact never receives an internal entry, and learns of none", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const ear = await hear(contact);
  const tab = await hear(await anotherSocket(contact));
  const note = await say(agent, conversationId, "a hidden word", { audience: "internal" });
  expect(note).toMatchObject({ audience: "internal", seq: 1 });
  const internal = { conversationId, audience: "internal" };
  await ask(agent, "typing:set", { ...internal, typing: true });
  await ask(agent, "receipt:record", { ...internal, readSeq: 1 });
  await ask(agent, "message:edit", { ...internal, seq: 1, body: "another hidden word" });
  await ask(agent, "message:react", { ...internal, seq: 1, emoji: "👀" });
  await ask(agent, "message:delete", { ...internal, seq: 1 });
  for (const one of [ear, tab]) {
    await one.calm();
    expect(JSON.stringify(one.heard)).not.toMatch(/hidden|internal/u);
    expect(one.news.filter(({ event }) => event !== "conversation:updated")).toEqual([]);
  }
  expect(await codeOf(say(contact, conversationId, "me too", { audience: "internal" }))).toBe("invalid_payload");
  const answer = await say(agent, conversationId, "in public");
  expect((await ear.calm()).entries(conversationId)).toEqual([answer]);
  expect(answer.seq).toBe(4);
});

test("a reply is held when another agent has replied after what its author saw", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  const quick = await say(agent, conversationId, "it is on its way");
  const reply = { conversationId, clientId: "late", body: "no idea", seenSeq: 3 };
  const error = await refused(ask(colleague, "message:send", reply));
  expect(error).toMatchObject({ code: "conflict", details: { conversationId, entries: [quick], headSeq: 4 } });
  expect((await look(contact, conversationId)).entries).toHaveLength(4);
  const { entry } = await ask(colleague, "message:send", { ...reply, seenSeq: 4 });
  expect(entry).toMatchObject({ seq: 5, clientId: "late" });
  // Once stored it is the same reply, whatever it claims to have seen.
  expect((await ask(colleague, "message:send", reply)).entry).toEqual(entry);
});

test("nobody's own replies, no contact's messages and no notes hold a reply", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  await say(agent, conversationId, "one more thing");
  await say(contact, conversationId, "thank you");
  await say(colleague, conversationId, "a note", { audience: "internal" });
  expect((await say(agent, conversationId, "you are welcome", { seenSeq: 3 })).seq).toBe(6);
  expect((await say(colleague, conversationId, "another note", { audience: "internal", seenSeq: 1 })).seq).toBe(2);
  expect((await say(colleague, conversationId, "unchecked")).seq).toBe(7);
});

test("of many replies at once by agents who saw the same, one goes out and the others are held", async () => {
  const roles = Array.from({ length: 6 }, () => "agent" as const);
  const { tenant, contact, conversationId } = await talk(app(), { roles });
  await say(contact, conversationId, "and now?");
  const agents = await Promise.all(tenant.agents.slice(1).map((agent) => app().agent(tenant, { agent })));
  const outcomes = await Promise.all(
    agents.map((agent) =>
      say(agent, conversationId, `answer of ${agent.ready!.actor.name}`, { seenSeq: 4 }).then(
        () => "sent",
        (error: unknown) => codeOf(Promise.reject(error)),
      ),
    ),
  );
  expect(outcomes.toSorted()).toEqual(["conflict", "conflict", "conflict", "conflict", "sent"]);
  expect((await look(contact, conversationId)).conversation.publicSeq).toBe(5);
});

test("an agent's reply ends the waiting and is the first response; a contact's message begins the waiting again", async () => {
  const tenant = await app().tenant();
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const started = await begin(contact);
  expect(started).toMatchObject({ waitingSince: started.lastEntry!.createdAt });
  expect(started).not.toHaveProperty("firstResponseAt");
  await say(contact, started.id, "anybody?");
  expect((await look(contact, started.id)).conversation.waitingSince).toBe(started.waitingSince);
  await say(agent, started.id, "a note first", { audience: "internal" });
  expect((await look(agent, started.id)).conversation).not.toHaveProperty("firstResponseAt");
  const answer = await say(agent, started.id, "here I am");
  const answered = (await look(agent, started.id)).conversation;
  expect(answered).toMatchObject({ firstResponseAt: answer.createdAt });
  expect(answered).not.toHaveProperty("waitingSince");
  await say(agent, started.id, "and again");
  const again = await say(contact, started.id, "thanks");
  expect((await look(agent, started.id)).conversation).toMatchObject({
    firstResponseAt: answer.createdAt,
    waitingSince: again.createdAt,
  });
});

test.each([4, 999, 2 ** 31, Number.MAX_SAFE_INTEGER])(
  "a reply to entry %d, which does not exist, is refused",
  async (replyToSeq) => {
    const { contact, conversationId } = await talk(app());
    expect(await codeOf(say(contact, conversationId, "what?", { replyToSeq }))).toBe("invalid_payload");
    expect((await look(contact, conversationId)).conversation.publicSeq).toBe(3);
  },
);

test.each([4, 2 ** 31, Number.MAX_SAFE_INTEGER])("having seen %d, beyond the head, holds nothing", async (seenSeq) => {
  const { agent, conversationId } = await talk(app());
  expect((await say(agent, conversationId, "sure", { seenSeq })).seq).toBe(4);
});

test("one message that can't be stored does not keep its neighbours from being stored", async () => {
  const { contact, conversationId } = await talk(app());
  const outcomes = await Promise.all([
    say(contact, conversationId, "before"),
    codeOf(say(contact, conversationId, "nowhere", { replyToSeq: 2 ** 31 })),
    say(contact, conversationId, "after"),
  ]);
  expect(outcomes[1]).toBe("invalid_payload");
  const { entries } = await look(contact, conversationId);
  expect(entries.slice(3).map(({ seq, body }) => [seq, body])).toEqual([
    [4, "before"],
    [5, "after"],
  ]);
});

const scripts: [string, string][] = [
  ["letters", "x"],
  ["emoji", "🧦"],
  ["Arabic", "ش"],
  ["Chinese", "袜"],
  ["quotes, which JSON escapes", '"'],
];

test.each(scripts)("a body holds 10,000 characters of %s and not one more", async (_script, character) => {
  const { contact, agent, conversationId } = await talk(app());
  const body = character.repeat(limits.bodyCharacters);
  const ear = await hear(agent);
  const entry = await say(contact, conversationId, body);
  expect(entry.body).toBe(body);
  expect((await ear.calm()).entries(conversationId)).toEqual([entry]);
  expect(await codeOf(say(contact, conversationId, `${body}${character}`))).toBe("invalid_payload");
  expect((await look(contact, conversationId)).conversation.publicSeq).toBe(4);
});

test.each(["", "   ", "\n\t\u00a0\u2003"])("a body of nothing but white space, as %j, is refused", async (body) => {
  const { contact, conversationId } = await talk(app());
  expect(await codeOf(say(contact, conversationId, body))).toBe("invalid_payload");
});

const awkward = [
  "<script>alert(1)</script>",
  "' OR 1=1; --",
  "\\u0000 \\x00 %00",
  "{{7*7}} ${7*7}",
  "a\u202Eb\u2066c",
  "\u0001\u0002\u001b[31m",
  "👩‍👩‍👧‍👦 é̷̩ 🏳️‍🌈",
  '{"json": [1, 2]}',
  "\uFEFFbyte order",
  "line\r\nline\u2028line",
];

test("what people write is stored and told as it is written, whatever it looks like", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const ear = await hear(agent);
  for (const body of awkward) expect((await say(contact, conversationId, body)).body).toBe(body);
  expect((await ear.calm()).entries(conversationId).map(({ body }) => body)).toEqual(awkward);
  expect((await look(contact, conversationId)).entries.slice(3).map(({ body }) => body)).toEqual(awkward);
});

test("an archived conversation takes no message", async () => {
  const { contact, agent, conversationId } = await talk(app());
  await app().superuser.query("UPDATE conversations SET status = 'archived' WHERE id = $1", [conversationId]);
  for (const person of [contact, agent])
    expect(await codeOf(say(person, conversationId, "too late"))).toBe("read_only");
  const about = { conversationId, seq: 1 };
  expect(await codeOf(ask(contact, "message:edit", { ...about, body: "x" }))).toBe("read_only");
  expect(await codeOf(ask(contact, "message:delete", about))).toBe("read_only");
  expect(await codeOf(ask(contact, "message:react", { ...about, emoji: "👍" }))).toBe("read_only");
  expect(await codeOf(ask(contact, "conversation:resolve", { conversationId }))).toBe("read_only");
  expect(await codeOf(ask(agent, "conversation:reopen", { conversationId }))).toBe("read_only");
  expect(await codeOf(ask(agent, "conversation:assign", { conversationId, agentId: null }))).toBe("conflict");
  expect((await look(contact, conversationId)).conversation).toMatchObject({ status: "archived", publicSeq: 3 });
});
