import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { hold, holdConversation } from "../../support/hold.ts";
import { ask, codeOf, look, refused, say } from "../support/ask.ts";
import { begin, talk } from "../support/scene.ts";

const app = useApp();

/** Follows promises without waiting for them: which of them are still open. */
const watch = (promises: Promise<unknown>[]) => {
  const open = new Set(promises);
  const follow = async (promise: Promise<unknown>) => {
    await Promise.allSettled([promise]);
    open.delete(promise);
  };
  for (const promise of promises) void follow(promise);
  return open;
};

test("messages to a conversation that somebody holds locked wait alone, and are stored in their order once it is free", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const { contact: neighbour, conversationId: theirs } = await talk(app());
  const { id: other } = await begin(contact);
  const letGo = await holdConversation(app().superuser, conversationId);
  const mine = Array.from({ length: 30 }, (_, i) => say(contact, conversationId, `message ${i}`));
  const reply = say(agent, conversationId, "a reply", { audience: "internal" });
  const waiting = watch([...mine, reply]);
  for (let i = 0; i < 5; i += 1) {
    await say(neighbour, theirs, `neighbour ${i}`);
    // A conversation is passed over, not a person.
    await say(contact, other, `elsewhere ${i}`);
  }
  mine.push(say(contact, conversationId, "message 30"));
  expect(waiting.size).toBe(31);
  await letGo();
  await reply;
  const stored = await Promise.all(mine);
  expect(stored.map(({ seq }) => seq)).toEqual(Array.from({ length: 31 }, (_, i) => 4 + i));
  expect(stored.map(({ body }) => body)).toEqual(Array.from({ length: 31 }, (_, i) => `message ${i}`));
  const { entries, conversation } = await look(contact, conversationId);
  expect(entries.slice(3)).toEqual(stored);
  expect(conversation.publicSeq).toBe(34);
});

test("a resend while the first waits for a lock shares its entry, and one of what was stored before is answered at once", async () => {
  const { contact, conversationId } = await talk(app());
  const stored = await say(contact, conversationId, "stored before", { clientId: "before" });
  const letGo = await holdConversation(app().superuser, conversationId);
  const first = say(contact, conversationId, "once", { clientId: "once" });
  const again = say(contact, conversationId, "once", { clientId: "once" });
  expect(await say(contact, conversationId, "stored before", { clientId: "before" })).toEqual(stored);
  await letGo();
  expect(await again).toEqual(await first);
  expect((await look(contact, conversationId)).entries.filter(({ clientId }) => clientId === "once")).toHaveLength(1);
});

test("what stays locked is refused as unavailable and stored nowhere; nobody else is, however many are locked", async () => {
  const { contact, conversationId } = await talk(app());
  const { contact: neighbour, conversationId: theirs } = await talk(app());
  const locked = [conversationId];
  for (let i = 0; i < 4; i += 1) locked.push((await begin(contact)).id);
  await hold(app().superuser, "SELECT FROM conversations WHERE id = ANY($1) FOR UPDATE", [locked]);
  const refusals = locked.flatMap((id) => [1, 2, 3].map((n) => refused(say(contact, id, `in vain ${n}`))));
  const waiting = watch(refusals);
  for (let i = 0; i < 3; i += 1) await say(neighbour, theirs, `neighbour ${i}`);
  expect(waiting.size).toBe(locked.length * 3);
  for (const error of await Promise.all(refusals))
    expect(error).toMatchObject({ code: "unavailable", retryable: true });
  const { rows } = await app().superuser.query("SELECT FROM entries WHERE body LIKE 'in vain%'");
  expect(rows).toEqual([]);
});

test("a stranger learns nothing of a locked conversation", async () => {
  const { tenant, conversationId } = await talk(app());
  const stranger = await app().contact(tenant);
  await holdConversation(app().superuser, conversationId);
  expect(await codeOf(say(stranger, conversationId, "let me in"))).toBe("not_found");
});

test("rows that are written elsewhere about a conversation do not make it look locked", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app());
  const participant =
    "INSERT INTO participants (tenant_id, conversation_id, actor_kind, actor_id) VALUES ($1, $2, 'agent', gen_random_uuid())";
  const letGo = await hold(app().superuser, participant, [tenant.id, conversationId]);
  expect(await say(contact, conversationId, "and on")).toMatchObject({ seq: 4 });
  await ask(agent, "receipt:record", { conversationId, readSeq: 1 });
  await letGo();
});

test("receipts of a locked conversation wait alone", async () => {
  const { contact, agent, conversationId } = await talk(app());
  const { contact: neighbour, conversationId: theirs } = await talk(app());
  const letGo = await holdConversation(app().superuser, conversationId);
  const waiting = watch([ask(contact, "receipt:record", { conversationId, readSeq: 2 })]);
  for (let seq = 1; seq <= 3; seq += 1)
    await ask(neighbour, "receipt:record", { conversationId: theirs, readSeq: seq });
  expect(waiting.size).toBe(1);
  await letGo();
  await Promise.all(waiting);
  // A receipt that stands needs no look at its conversation, but the receipt itself may be held.
  const rows = "SELECT FROM receipts WHERE conversation_id = $1 AND actor_kind = 'contact' FOR UPDATE";
  const letGoAgain = await hold(app().superuser, rows, [conversationId]);
  const again = watch([ask(contact, "receipt:record", { conversationId, readSeq: 3 })]);
  await ask(agent, "receipt:record", { conversationId, readSeq: 3 });
  // What would not move it needs no lock.
  await ask(contact, "receipt:record", { conversationId, readSeq: 1 });
  expect(again.size).toBe(1);
  await letGoAgain();
  await Promise.all(again);
  const { receipts } = await look(contact, conversationId);
  expect(receipts).toContainEqual(
    expect.objectContaining({ readSeq: 3, actor: expect.objectContaining({ kind: "contact" }) }),
  );
});
