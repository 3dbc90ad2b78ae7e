import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { useApp } from "../support/app.ts";
import { addAgent } from "../support/tenant.ts";
import { ask, auditOf, refusalOf, tokenFor } from "./requests.ts";

const app = useApp();

/** Two who wait in a department where agents pick, and an admin. */
const settle = async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  const [first, second] = [await app().contact(tenant), await app().contact(tenant)];
  const ids = [(await first.start("hello")).id, (await second.start("urgent!")).id] as const;
  const token = await tokenFor(app(), tenant);
  const update = (id: string, body: object) => ask(app().url, "PATCH", `/conversations/${id}`, { token, body });
  return { tenant, second, ids, token, update };
};

test("a higher priority comes first in the queue, for the agents and for whoever waits", async () => {
  const { second, ids, token, update } = await settle();
  const moved = second.next<{ position: number }>("queue:changed", ({ position }) => position === 1);
  const answer = await update(ids[1], { priority: 3, expectedVersion: 1 });
  expect(answer.body.conversation).toMatchObject({ id: ids[1], priority: 3, version: 2 });
  const queue = await ask(app().url, "GET", "/conversations?view=queue", { token });
  expect(queue.body.data.map(({ id }: { id: string }) => id)).toEqual([ids[1], ids[0]]);
  await moved;
});

test("what is outdated, or as it should be already, changes nothing", async () => {
  const { tenant, ids, update } = await settle();
  expect(refusalOf(await update(ids[0], { priority: 1, expectedVersion: 9 }))).toEqual([409, "conflict"]);
  expect((await update(ids[0], { priority: 0, ownerId: null })).body.conversation.version).toBe(1);
  expect((await auditOf(app(), tenant)).filter(({ action }) => action === "conversation.update")).toEqual([]);
});

test("a contact's owner is an active member of the workspace, or nobody, and a change of it is told at once", async () => {
  const { tenant, ids, token, update } = await settle();
  const owner = tenant.agents[1]!.id;
  const stranger = (await app().tenant()).agents[0]!.id;
  const gone = await addAgent(app().superuser, tenant);
  await app().superuser.query("UPDATE memberships SET status = 'deactivated' WHERE user_id = $1", [gone.id]);
  for (const ownerId of [stranger, gone.id, randomUUID()])
    expect(refusalOf(await update(ids[0], { ownerId }))).toEqual([404, "not_found"]);
  const agent = await app().agent(tenant, { agent: tenant.agents[1]! });
  const told = agent.next<{ conversation: { id: string } }>(
    "conversation:updated",
    ({ conversation }) => conversation.id === ids[0],
  );
  const set = await update(ids[0], { ownerId: owner });
  expect(set.body).toMatchObject({ owner: { id: owner, name: tenant.agents[1]!.name }, conversation: { version: 2 } });
  expect(await told).toMatchObject({ conversation: { version: 2 } });
  expect((await ask(app().url, "GET", `/conversations/${ids[0]}`, { token })).body.owner).toEqual(set.body.owner);
  expect((await update(ids[0], { ownerId: null })).body.owner).toBe(null);
  expect((await auditOf(app(), tenant)).filter(({ action }) => action === "conversation.update")).toMatchObject([
    { before: { ownerId: null }, after: { ownerId: owner } },
    { before: { ownerId: owner }, after: { ownerId: null } },
  ]);
});
