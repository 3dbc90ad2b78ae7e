import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { handlers } from "../../../workers/handlers.ts";
import { call, mailsTo } from "../../rest/platform/support.ts";
import { ask, say } from "../../socket/support/ask.ts";
import { useApp } from "../../support/app.ts";
import { openSession } from "../../support/tenant.ts";

const app = useApp({ REPLY_MAIL_SECONDS: "0" });
// Two at once: what each of them finds is mailed by one.
const mailReplies = async () => {
  await Promise.all([handlers["reply.mail"](app().app.node), handlers["reply.mail"](app().app.node)]);
};

const left = async (email?: string) => {
  const tenant = await app().tenant();
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const { conversation } = await ask(contact, "conversation:start", {
    clientId: randomUUID(),
    body: "Is anybody there?",
    ...(email !== undefined && { email }),
  });
  await ask(agent, "conversation:open", { conversationId: conversation.id });
  const texts = async () => (await mailsTo(app(), email ?? "")).map(({ text }) => text as string);
  return { tenant, contact, agent, conversationId: conversation.id, texts };
};

test("a contact who left an address is mailed what they have not read, once", async () => {
  const email = `${randomUUID()}@visitor.test`;
  const { tenant, contact, agent, conversationId, texts } = await left(email);
  await mailReplies();
  expect(await texts()).toEqual([]);

  await say(agent, conversationId, "Yes.\nWhat is it?");
  await say(agent, conversationId, "between us", { audience: "internal" });
  await mailReplies();
  await mailReplies();
  const [first, ...none] = await texts();
  expect(none).toEqual([]);
  expect(first).toContain(`You wrote to ${tenant.name}`);
  expect(first).toContain(`${tenant.agents[0]!.name}: Yes.\n\nWhat is it?`);
  expect(first).not.toContain("between us");

  await say(agent, conversationId, "Still there?");
  await mailReplies();
  const [, second] = await texts();
  expect(second).toContain("Still there?");
  expect(second).not.toContain("What is it?");

  const entry = await say(agent, conversationId, "read at once");
  await ask(contact, "receipt:record", { conversationId, readSeq: entry.seq });
  await mailReplies();
  expect(await texts()).toHaveLength(2);
});

test("the mail links to the site of an inbox, and to none where it could be the wrong one", async () => {
  const email = `${randomUUID()}@visitor.test`;
  const { tenant, agent, conversationId, texts } = await left(email);
  const { id, origin } = tenant.inbox;
  await say(agent, conversationId, "Yes?");
  await mailReplies();
  expect((await texts())[0]).toContain(`Open the chat:\n${origin}\n`);

  const origins = ["https://other.example", origin];
  await app().superuser.query("UPDATE inboxes SET allowed_origins = $2 WHERE id = $1", [id, origins]);
  await say(agent, conversationId, "Still there?");
  await mailReplies();
  const [, second] = await texts();
  expect(second).toContain("Still there?");
  expect(second).not.toContain("https://other.example");
});

test("a reply is mailed only after it has waited to be read", async () => {
  const email = `${randomUUID()}@visitor.test`;
  const { agent, conversationId, texts } = await left(email);
  await say(agent, conversationId, "Yes?");
  const { node } = app().app;
  await handlers["reply.mail"]({ ...node, config: { ...node.config, REPLY_MAIL_SECONDS: 300 } });
  expect(await texts()).toEqual([]);
});

test("an address gets a bounded number of mails in a day, whoever left it", async () => {
  const email = `${randomUUID()}@visitor.test`;
  const { agent, conversationId, texts } = await left(email);
  for (let n = 0; n < 22; n++) {
    await say(agent, conversationId, `reply ${n}`);
    await mailReplies();
  }
  expect(await texts()).toHaveLength(20);
});

test("agents see the address that a contact left", async () => {
  const email = `${randomUUID()}@visitor.test`;
  const { tenant, conversationId } = await left(email);
  const token = await openSession(app().superuser, tenant, tenant.agents[0]!);
  expect(await call(app(), "conversation/get", { token, params: { conversationId } })).toMatchObject({
    contactEmail: email,
  });
});

test("whoever starts the same conversation again with an address is reached there, and has still one conversation", async () => {
  const tenant = await app().tenant();
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const clientId = randomUUID();
  const email = `${randomUUID()}@visitor.test`;
  const { conversation } = await ask(contact, "conversation:start", { clientId, body: "Is anybody there?" });
  const again = await ask(contact, "conversation:start", { clientId, email });
  expect(again.conversation.id).toBe(conversation.id);
  expect((await ask(contact, "conversation:list", {})).conversations).toHaveLength(1);

  await ask(agent, "conversation:open", { conversationId: conversation.id });
  await say(agent, conversation.id, "Now we are.");
  await mailReplies();
  expect((await mailsTo(app(), email)).map(({ text }) => text)).toEqual([expect.stringContaining("Now we are.")]);
});
