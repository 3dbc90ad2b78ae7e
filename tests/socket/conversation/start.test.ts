import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import { anotherSocket, ask, codeOf, look, say } from "../support/ask.ts";
import { hear, hearAll } from "../support/hear.ts";
import { begin } from "../support/scene.ts";

const app = useApp();

const conversationsOf = async (tenantId: string) =>
  (await app().superuser.query("SELECT id, client_id, fields FROM conversations WHERE tenant_id = $1", [tenantId]))
    .rows;

test("a conversation starts queued, with its first message, as every later look shows it", async () => {
  const tenant = await app().tenant();
  const contact = await app().contact(tenant);
  const { conversation, entry } = await ask(contact, "conversation:start", {
    clientId: "first",
    body: "hello",
    subject: "An order",
  });
  expect(conversation).toMatchObject({
    kind: "support",
    status: "queued",
    subject: "An order",
    contact: { id: contact.ready!.actor.id, verified: false },
    departmentId: tenant.departmentId,
    inboxId: tenant.inbox.id,
    version: 1,
    publicSeq: 1,
    unread: 0,
    lastEntry: entry,
  });
  expect(entry).toMatchObject({ seq: 1, audience: "public", kind: "message", clientId: "first", body: "hello" });
  const fresh = await look(contact, conversation.id);
  expect(fresh.conversation).toEqual(conversation);
  expect(fresh.entries).toEqual([entry]);
});

test("without a body it starts with an empty timeline", async () => {
  const contact = await app().contact(await app().tenant());
  const { conversation, entry } = await ask(contact, "conversation:start", { clientId: "silent" });
  expect(entry).toBeUndefined();
  expect(conversation).toMatchObject({ publicSeq: 0, unread: 0 });
  expect((await look(contact, conversation.id)).entries).toEqual([]);
});

test("the same clientId starts it once, all at once over two sockets and again after a new connection", async () => {
  const tenant = await app().tenant();
  const contact = await app().contact(tenant);
  const tab = await anotherSocket(contact);
  const start = (socket: typeof tab) => ask(socket, "conversation:start", { clientId: "once", body: "hello" });
  const answers = await Promise.all([contact, tab, contact, tab, contact, tab].map(start));
  contact.socket.disconnect();
  await contact.connect();
  answers.push(await start(contact));
  expect(new Set(answers.map(({ conversation }) => conversation.id)).size).toBe(1);
  expect(new Set(answers.map(({ entry }) => entry?.id)).size).toBe(1);
  expect(await conversationsOf(tenant.id)).toHaveLength(1);
  expect((await look(contact, answers[0]!.conversation.id)).entries).toHaveLength(1);
});

test("another contact's conversation with the same clientId is another one", async () => {
  const tenant = await app().tenant();
  const people = [await app().contact(tenant), await app().contact(tenant)];
  for (const contact of people) await ask(contact, "conversation:start", { clientId: "same", body: "hello" });
  expect(await conversationsOf(tenant.id)).toHaveLength(2);
});

test("a visitor leaves no trace in the tables before they start a conversation", async () => {
  const tenant = await app().tenant();
  const contact = await app().contact(tenant);
  expect((await ask(contact, "conversation:list", {})).conversations).toEqual([]);
  const contacts = () => app().superuser.query("SELECT id FROM contacts WHERE tenant_id = $1", [tenant.id]);
  expect((await contacts()).rows).toEqual([]);
  await begin(contact);
  expect((await contacts()).rows).toEqual([{ id: contact.ready!.actor.id }]);
});

test("it goes to the department asked for, and nowhere when there is no such department", async () => {
  const tenant = await app().tenant();
  const contact = await app().contact(tenant);
  const refused = ask(contact, "conversation:start", { clientId: "lost", body: "hello", departmentId: randomUUID() });
  expect(await codeOf(refused)).toBe("not_found");
  expect(await conversationsOf(tenant.id)).toEqual([]);
  const departmentId = randomUUID();
  await app().superuser.query("INSERT INTO departments (tenant_id, id, name) VALUES ($1, $2, 'Sales')", [
    tenant.id,
    departmentId,
  ]);
  const { conversation } = await ask(contact, "conversation:start", { clientId: "sales", departmentId });
  expect(conversation.departmentId).toBe(departmentId);
});

test("what the page knows about the visitor is kept with it", async () => {
  const tenant = await app().tenant();
  const contact = await app().contact(tenant);
  const fields = { page: "https://shop.test/cart", basket: "3 🧦" };
  await ask(contact, "conversation:start", { clientId: "fields", fields });
  expect((await conversationsOf(tenant.id))[0].fields).toEqual(fields);
  const tooLong = { clientId: "more", fields: { page: "x".repeat(1_001) } };
  expect(await codeOf(ask(contact, "conversation:start", tooLong))).toBe("invalid_payload");
  expect(await conversationsOf(tenant.id)).toHaveLength(1);
});

test("the department's agents and those who see all hear of it at once, others do not", async () => {
  const tenant = await app().tenant({ roles: ["agent", "manager"] });
  const stranger = await addAgent(app().superuser, tenant, "agent", { inDepartment: false });
  const boss = await addAgent(app().superuser, tenant, "manager", { inDepartment: false });
  const contact = await app().contact(tenant);
  const [member, manager, outsider] = [
    await app().agent(tenant),
    await app().agent(tenant, { agent: boss }),
    await app().agent(tenant, { agent: stranger }),
  ];
  const ears = await hearAll(member, manager);
  const deaf = await hear(outsider);
  const tab = await hear(await anotherSocket(contact));
  const { id } = await begin(contact);
  for (const ear of ears) {
    const { conversation } = await ear.next("conversation:updated", (told) => told.conversation.id === id);
    expect(conversation).toMatchObject({ id, status: "queued", unread: 1, internalSeq: 0 });
  }
  expect((await tab.next("conversation:updated")).conversation).toMatchObject({ id, unread: 0 });
  expect((await deaf.calm()).of("conversation:updated")).toEqual([]);
});

test("whoever started it follows it from then on", async () => {
  const tenant = await app().tenant();
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const { id } = await begin(contact);
  const ear = await hear(contact);
  const answer = await say(agent, id, "good morning");
  expect((await ear.calm()).entries(id).at(-1)).toEqual(answer);
});
