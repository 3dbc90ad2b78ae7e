import { expect, test } from "vitest";
import type { Conversation } from "../../../server/contract/entities.ts";
import { useApp } from "../../support/app.ts";
import type { Person } from "../../support/people.ts";
import { addAgent } from "../../support/tenant.ts";
import { ask, codeOf, say } from "../support/ask.ts";
import { begin, talk } from "../support/scene.ts";

const app = useApp();

const idsOf = (list: Conversation[]) => list.map(({ id }) => id);
const listed = async (person: Person, payload: Record<string, unknown> = {}) =>
  idsOf((await ask(person, "conversation:list", payload)).conversations).toSorted();

/** All pages; `between` runs after each. */
const page = async (person: Person, payload: Record<string, unknown>, between: () => Promise<unknown>) => {
  const pages: Conversation[][] = [];
  for (let cursor: string | undefined; ;) {
    const answer = await ask(person, "conversation:list", { ...payload, ...(cursor !== undefined && { cursor }) });
    pages.push(answer.conversations);
    if (answer.nextCursor === null) return pages;
    cursor = answer.nextCursor;
    await between();
  }
};

test("an agent's views are what they hold, what waits, and all they may see", async () => {
  const { tenant, contact, agent, conversationId: mine } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  const { id: queued } = await begin(contact);
  const { id: resolved } = await begin(contact);
  await say(agent, resolved, "done");
  await ask(agent, "conversation:resolve", { conversationId: resolved });
  expect(await listed(agent, { view: "mine" })).toEqual([mine]);
  expect(await listed(agent, { view: "queue" })).toEqual([queued]);
  expect(await listed(agent, { view: "all" })).toEqual([mine, queued, resolved].toSorted());
  expect(await listed(agent)).toEqual([mine, queued, resolved].toSorted());
  expect(await listed(colleague, { view: "mine" })).toEqual([]);
  expect(await listed(colleague, { view: "all" })).toEqual([mine, queued, resolved].toSorted());
  expect(await listed(agent, { status: "resolved" })).toEqual([resolved]);
  expect(await listed(agent, { view: "mine", status: "queued" })).toEqual([]);
});

test("an agent of no department sees what they hold, and a manager of none sees everything", async () => {
  const { tenant, agent, contact, conversationId } = await talk(app());
  const outsider = await addAgent(app().superuser, tenant, "agent", { inDepartment: false });
  const manager = await addAgent(app().superuser, tenant, "manager", { inDepartment: false });
  const [stranger, boss] = [
    await app().agent(tenant, { agent: outsider }),
    await app().agent(tenant, { agent: manager }),
  ];
  const { id: given } = await begin(contact);
  await ask(agent, "conversation:assign", { conversationId: given, agentId: outsider.id });
  expect(await listed(stranger)).toEqual([given]);
  expect(await listed(boss)).toEqual([conversationId, given].toSorted());
});

test("a contact's list holds their own conversations and nothing that agents keep to themselves", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app());
  await say(agent, conversationId, "a difficult one", { audience: "internal" });
  await app().superuser.query("UPDATE conversations SET tags = '{difficult}' WHERE id = $1", [conversationId]);
  await begin(await app().contact(tenant), "somebody else's");
  const { conversations } = await ask(contact, "conversation:list", {});
  expect(idsOf(conversations)).toEqual([conversationId]);
  expect(conversations[0]).not.toHaveProperty("internalSeq");
  expect(conversations[0]!.tags).toEqual([]);
  expect(JSON.stringify(conversations)).not.toContain("difficult");
  const ofAgent = (await ask(agent, "conversation:list", {})).conversations.find(({ id }) => id === conversationId);
  expect(ofAgent).toMatchObject({ tags: ["difficult"], internalSeq: 1 });
});

test("each viewer's list has their own number of unread messages", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app(), { roles: ["agent", "agent"] });
  const colleague = await app().agent(tenant, { agent: tenant.agents[1]! });
  await say(agent, conversationId, "a note", { audience: "internal" });
  const unread = async (person: Person) =>
    (await ask(person, "conversation:list", {})).conversations.find(({ id }) => id === conversationId)?.unread;
  // The contact: the answer. The agent: the question. The colleague: question, answer and note.
  expect([await unread(contact), await unread(agent), await unread(colleague)]).toEqual([1, 1, 3]);
});

test("a list is filtered by department", async () => {
  const tenant = await app().tenant();
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const { id } = await begin(contact);
  expect(await listed(agent, { departmentId: tenant.departmentId })).toEqual([id]);
  expect(await listed(contact, { departmentId: tenant.departmentId })).toEqual([id]);
  expect(await listed(agent, { departmentId: tenant.id })).toEqual([]);
});

test.each(["all", "queue"])("pages of view %s show everything once while new conversations arrive", async (view) => {
  const tenant = await app().tenant();
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const there = idsOf(await Promise.all(Array.from({ length: 23 }, (_, i) => begin(contact, `number ${i}`))));
  // Several share a moment, as they do where much is going on.
  await app().superuser.query(
    `UPDATE conversations SET active_bucket = active_bucket - (abs(hashtext(id::text)) % 4),
       priority = abs(hashtext(id::text)) % 2,
       queued_at = date_trunc('minute', queued_at) - (abs(hashtext(id::text)) % 4) * interval '7 seconds'
     WHERE tenant_id = $1`,
    [tenant.id],
  );
  const pages = await page(agent, { view, limit: 4 }, () => begin(contact, "meanwhile"));
  const seen = pages.flatMap(idsOf);
  expect(new Set(seen).size).toBe(seen.length);
  expect(there.filter((id) => !seen.includes(id))).toEqual([]);
  for (const one of pages.slice(0, -1)) expect(one).toHaveLength(4);
});

test("the queue is in the order of priority, then waiting; everything else by latest activity", async () => {
  const tenant = await app().tenant();
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const ids: string[] = [];
  for (const ago of [10, 30, 20]) {
    const { id } = await begin(contact);
    ids.push(id);
    await app().superuser.query(
      `UPDATE conversations SET queued_at = now() - make_interval(mins => $2), active_bucket = active_bucket - $2
       WHERE id = $1`,
      [id, ago],
    );
  }
  const [ten, thirty, twenty] = ids;
  expect(idsOf((await ask(agent, "conversation:list", { view: "queue" })).conversations)).toEqual([
    thirty,
    twenty,
    ten,
  ]);
  expect(idsOf((await ask(agent, "conversation:list", { view: "all" })).conversations)).toEqual([ten, twenty, thirty]);
  await app().superuser.query("UPDATE conversations SET priority = 1 WHERE id = $1", [ten]);
  const queue = (await ask(agent, "conversation:list", { view: "queue" })).conversations;
  expect(idsOf(queue)).toEqual([ten, thirty, twenty]);
  expect(queue.map(({ queuedAt }) => Math.round((Date.now() - Date.parse(queuedAt!)) / 60_000))).toEqual([10, 30, 20]);
});

test("a page has 30 conversations unless told otherwise, and never more than 100", async () => {
  const tenant = await app().tenant();
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  await Promise.all(Array.from({ length: 32 }, () => begin(contact)));
  const first = await ask(agent, "conversation:list", {});
  expect(first.conversations).toHaveLength(30);
  expect(first.nextCursor).not.toBeNull();
  const all = await ask(agent, "conversation:list", { limit: 100 });
  expect(all.conversations).toHaveLength(32);
  expect(all.nextCursor).toBeNull();
  for (const limit of [0, 101, -1, 1.5]) {
    expect(await codeOf(ask(agent, "conversation:list", { limit }))).toBe("invalid_payload");
  }
});

test.each([
  "",
  "x",
  "1",
  "1.x",
  `1.${"-".repeat(36)}`,
  "9999999999.00000000-0000-4000-8000-000000000000",
  "-1.00000000-0000-4000-8000-000000000000",
  "1.00000000-0000-4000-8000-000000000000 OR true",
])("a cursor that is none of ours, as %j, is refused as an invalid payload or shows nothing", async (cursor) => {
  const tenant = await app().tenant();
  const agent = await app().agent(tenant);
  for (const view of ["all", "queue"]) {
    const outcome = await ask(agent, "conversation:list", { view, cursor }).then(
      ({ conversations }) => conversations,
      (error) => codeOf(Promise.reject(error)),
    );
    expect([[], "invalid_payload"]).toContainEqual(outcome);
  }
});
