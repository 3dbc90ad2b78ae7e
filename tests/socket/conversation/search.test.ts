import { expect, test } from "vitest";
import type { Conversation } from "../../../server/contract/entities.ts";
import { useApp } from "../../support/app.ts";
import type { Person } from "../../support/people.ts";
import { addAgent } from "../../support/tenant.ts";
import { ask, codeOf, say } from "../support/ask.ts";
import { begin, talk } from "../support/scene.ts";

const app = useApp();

type Page = { conversations: Conversation[]; nextCursor: string | null };

const search = async (person: Person, words: string, payload: Record<string, unknown> = {}): Promise<string[]> => {
  const ids: string[] = [];
  for (let cursor: string | null = null; ;) {
    const page: Page = await ask(person, "conversation:list", { search: words, ...payload, ...(cursor && { cursor }) });
    ids.push(...page.conversations.map(({ id }) => id));
    cursor = page.nextCursor;
    if (cursor === null) return ids;
  }
};

test("the name, the address, the subject, a tag, the agent and the last words are looked at, in any spelling", async () => {
  const { tenant, contact, agent, conversationId } = await talk(app());
  await say(contact, conversationId, "The Ångström lamp is broken");
  await begin(await app().contact(tenant));
  await app().superuser.query(
    "UPDATE conversations SET subject = 'Rückgabe', tags = ARRAY['vip'] WHERE tenant_id = $1 AND id = $2",
    [tenant.id, conversationId],
  );
  await app().superuser.query(
    "UPDATE contacts SET name = 'Zoë Nuñez', email = 'zoe@example.com' WHERE tenant_id = $1 AND id = $2",
    [tenant.id, contact.ready!.actor.id],
  );
  const holder = tenant.agents[0]!.name;
  for (const words of ["angstrom", "ZOE nunez", "zoe@example", "ruckgabe", "VIP lamp", holder])
    expect({ words, found: await search(agent, words) }).toEqual({ words, found: [conversationId] });
  for (const words of ["nobody", "zoe nobody", "%", "_"])
    expect({ words, found: await search(agent, words) }).toEqual({ words, found: [] });
  await say(agent, conversationId, "It is on its way");
  expect(await search(agent, "angstrom")).toEqual([]);
});

test("what is found is what the list shows: by view, status and department, and of the visible alone", async () => {
  const { tenant, agent, contact, conversationId } = await talk(app());
  const { id: queued } = await begin(contact);
  for (const id of [conversationId, queued]) await say(contact, id, "lantern");
  expect((await search(agent, "lantern")).toSorted()).toEqual([conversationId, queued].toSorted());
  expect(await search(agent, "lantern", { view: "mine" })).toEqual([conversationId]);
  expect(await search(agent, "lantern", { view: "queue" })).toEqual([queued]);
  expect(await search(agent, "lantern", { status: "open" })).toEqual([conversationId]);
  const outsider = await addAgent(app().superuser, tenant, "agent", { inDepartment: false });
  expect(await search(await app().agent(tenant, { agent: outsider }), "lantern")).toEqual([]);
  const elsewhere = await talk(app());
  expect(await search(elsewhere.agent, "lantern")).toEqual([]);
});

test("a page is as long as asked for and the next one goes on, and one call looks through so many at most", async () => {
  const { tenant, agent } = await talk(app());
  // As many as it takes, straight into the table: only the oldest two match.
  await app().superuser.query(
    `INSERT INTO conversations (tenant_id, id, status, department_id, subject, active_bucket, created_at, updated_at)
     SELECT $1, gen_random_uuid(), 'queued', $2, CASE WHEN n > 1100 THEN 'needle' ELSE 'hay' END, 1000000 - n, now(), now()
     FROM generate_series(1, 1102) n`,
    [tenant.id, tenant.departmentId],
  );
  const first: Page = await ask(agent, "conversation:list", { search: "needle", limit: 1 });
  expect(first).toMatchObject({ conversations: [], nextCursor: expect.any(String) });
  expect(await search(agent, "needle", { limit: 1 })).toHaveLength(2);
  expect(await search(agent, "hay", { limit: 100 })).toHaveLength(1_100);
});

test("words that are none find everything, and too many are refused", async () => {
  const { agent, conversationId, contact } = await talk(app());
  expect(await search(agent, " \u0301 ")).toEqual([conversationId]);
  expect(await codeOf(ask(agent, "conversation:list", { search: "x".repeat(101) }))).toBe("invalid_payload");
  expect(await codeOf(ask(contact, "conversation:list", { search: "x" }))).toBe("invalid_payload");
});
