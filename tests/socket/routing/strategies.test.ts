import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { drainQueue } from "../../../server/features/routing/dispatch.ts";
import { useApp } from "../../support/app.ts";
import type { Person } from "../../support/people.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { eventually } from "../../support/wait.ts";
import { ask, look } from "../support/ask.ts";
import { hear } from "../support/hear.ts";
import { begin } from "../support/scene.ts";
import { assignmentsOf, loadOf, loads } from "../support/tables.ts";
import { addDepartment, historyOf, leaveWaiting, setMember, setPolicy, slotsOf } from "./policy.ts";

const app = useApp();

type Scene = { tenant: TestTenant; contact: Person; contactId: string; agents: Person[]; ids: string[] };

/** A tenant whose agents are all there, and a contact who has a row. */
const gather = async (count: number, capacity = 50): Promise<Scene> => {
  const roles = Array.from({ length: count }, () => "agent" as const);
  const tenant = await app().tenant({ roles, capacity, strategy: "manual" });
  const contact = await app().contact(tenant);
  const { id } = await begin(contact);
  await ask(contact, "conversation:resolve", { conversationId: id });
  const agents: Person[] = [];
  for (const agent of tenant.agents) agents.push(await app().agent(tenant, { agent }));
  return { tenant, contact, contactId: contact.ready!.actor.id, agents, ids: tenant.agents.map((one) => one.id) };
};

const serve = ({ tenant }: Scene, departmentIds = [tenant.departmentId]) =>
  drainQueue(app().app.node, tenant, departmentIds, "policy_changed");

test("round robin is fair within one, in batches, one by one, and whoever was away does not catch up", async () => {
  const scene = await gather(3);
  const { tenant, contactId, ids } = scene;
  const { superuser } = app();
  await setPolicy(superuser, tenant, { strategy: "round_robin" });
  const counts = async () => (await loads(superuser, tenant.id)).map(({ held }) => held);
  for (const more of [1, 4, 25, 2]) {
    await leaveWaiting(superuser, tenant, contactId, more);
    await serve(scene);
    const held = await counts();
    expect(Math.max(...held) - Math.min(...held)).toBeLessThanOrEqual(1);
  }
  expect((await counts()).reduce((sum, held) => sum + held)).toBe(32);
  await setMember(superuser, tenant, ids[0]!, { availability: "away" });
  await leaveWaiting(superuser, tenant, contactId, 10);
  await serve(scene);
  await setMember(superuser, tenant, ids[0]!, { availability: "available" });
  const before = await slotsOf(superuser, tenant.id, ids[0]!);
  await leaveWaiting(superuser, tenant, contactId, 3);
  await serve(scene);
  expect(await slotsOf(superuser, tenant.id, ids[0]!)).toBe(before + 1);
});

test("a higher priority goes first, then who has waited longer", async () => {
  const scene = await gather(1, 3);
  const { tenant, contactId } = scene;
  const { superuser } = app();
  const usual = await leaveWaiting(superuser, tenant, contactId, 3);
  const urgent = await leaveWaiting(superuser, tenant, contactId, 2, { priority: 1 });
  await setPolicy(superuser, tenant, { strategy: "least_loaded" });
  await serve(scene);
  const history = await historyOf(superuser, tenant.id);
  expect(history.map(({ conversationId }) => conversationId).toSorted()).toEqual([...urgent, usual[0]!].toSorted());
});

test("nobody holds more of a department than it allows, whatever they could hold in all", async () => {
  const scene = await gather(2);
  const { tenant, contactId, agents } = scene;
  const { superuser } = app();
  await setPolicy(superuser, tenant, { strategy: "spare_capacity", capacity_per_agent: 2 });
  const waiting = await leaveWaiting(superuser, tenant, contactId, 6);
  await serve(scene);
  for (const { held } of await loads(superuser, tenant.id)) expect(held).toBe(2);
  // By hand neither.
  const left = waiting.slice(4);
  const refusal = await ask(agents[0]!, "conversation:assign", { conversationId: left[0]! }).catch(
    (error: unknown) => error,
  );
  expect(refusal).toMatchObject({ error: { code: "conflict", details: { departmentCount: 2, capacityPerAgent: 2 } } });
  const other = await addDepartment(superuser, tenant, scene.ids);
  await leaveWaiting(superuser, tenant, contactId, 2, { departmentId: other });
  await serve(scene, [other]);
  for (const { held } of await loads(superuser, tenant.id)) expect(held).toBe(3);
});

test("nobody holds more than the plan allows, whatever their capacity says", async () => {
  const scene = await gather(1, 500);
  const { tenant, contactId, ids } = scene;
  await app().superuser.query("UPDATE tenants SET plan = 'basic' WHERE id = $1", [tenant.id]);
  await setPolicy(app().superuser, tenant, { strategy: "least_loaded" });
  await leaveWaiting(app().superuser, tenant, contactId, 25);
  await serve(scene);
  expect(await loadOf(app().superuser, tenant.id, ids[0]!)).toBe(20);
});

test("skills: each goes to somebody who has what it asks for, and what nobody has keeps nobody else waiting", async () => {
  const scene = await gather(2);
  const { tenant, contactId, ids } = scene;
  const { superuser } = app();
  const [german, other] = ids as [string, string];
  await setMember(superuser, tenant, german, { skills: { german: 4 } });
  const asksFor = (skill: string, language: string) => ({
    skill,
    level: 2,
    required: true,
    when: { field: "language", equals: language },
  });
  await setPolicy(superuser, tenant, {
    strategy: "skills",
    skills: [asksFor("german", "de"), asksFor("greek", "el")],
  });
  const greek = await leaveWaiting(superuser, tenant, contactId, 60, { fields: { language: "el" } });
  const forGerman = await leaveWaiting(superuser, tenant, contactId, 3, { fields: { language: "de" } });
  const anyone = await leaveWaiting(superuser, tenant, contactId, 3, { fields: { language: "fr" } });
  await serve(scene);
  const history = await historyOf(superuser, tenant.id);
  expect(history.map(({ conversationId }) => conversationId).toSorted()).toEqual([...forGerman, ...anyone].toSorted());
  const served = history.filter(({ conversationId }) => forGerman.includes(conversationId));
  expect(served.map(({ agentId }) => agentId)).toEqual([german, german, german]);
  const [{ decision }] = (await assignmentsOf(superuser, forGerman[0]!)) as [any];
  expect(decision.rules).toMatchObject([{ skill: "german", level: 2 }]);
  expect(decision.candidates.find(({ agentId }: { agentId: string }) => agentId === other)).toMatchObject({
    excluded: "lacks_skill",
  });
  expect(greek).toHaveLength(60);
});

test("a contact comes back to their last agent, or to their owner, where the department keeps to them", async () => {
  const scene = await gather(3);
  const { tenant, contact, contactId, agents, ids } = scene;
  const { superuser } = app();
  const [, last, owner] = ids as [string, string, string];
  const { id: earlier } = await begin(contact);
  await ask(agents[1]!, "conversation:assign", { conversationId: earlier });
  await ask(agents[1]!, "conversation:resolve", { conversationId: earlier });
  await superuser.query("UPDATE contacts SET owner_id = $2 WHERE id = $1", [contactId, owner]);
  for (const [sticky, whom] of [
    ["last_agent", last],
    ["owner", owner],
  ]) {
    await setPolicy(superuser, tenant, { strategy: "least_loaded", sticky: sticky! });
    const { id } = await begin(contact);
    const [assignment] = await eventually(async () => {
      const list = await assignmentsOf(superuser, id);
      return list.length > 0 ? list : undefined;
    }, "it is assigned");
    expect(assignment).toMatchObject({ agentId: whom, decision: { strategy: "sticky" } });
  }
  // Who can't take it is passed over for the strategy's choice.
  await setMember(superuser, tenant, owner, { availability: "away" });
  const { id } = await begin(contact);
  const [assignment] = await eventually(async () => {
    const list = await assignmentsOf(superuser, id);
    return list.length > 0 ? list : undefined;
  }, "it is assigned");
  expect(assignment).toMatchObject({ decision: { strategy: "least_loaded" } });
});

test("what an agent gives back goes to somebody else, though they are now the least loaded", async () => {
  const scene = await gather(2);
  const { tenant, contact, agents, ids } = scene;
  const { superuser } = app();
  await leaveWaiting(superuser, tenant, scene.contactId, 3);
  await setPolicy(superuser, tenant, { strategy: "least_loaded" });
  await serve(scene);
  const { id } = await begin(contact);
  const holder = await eventually(async () => (await assignmentsOf(superuser, id))[0]?.agentId, "it is assigned");
  await ask(agents[ids.indexOf(holder)]!, "conversation:assign", { conversationId: id, agentId: null });
  const list = await eventually(async () => {
    const assignments = await assignmentsOf(superuser, id);
    return assignments.length === 2 ? assignments : undefined;
  }, "it is assigned again");
  expect(list[1]!.agentId).not.toBe(holder);
});

test("who is of several departments is given the conversations of the one with the lower position first", async () => {
  const scene = await gather(1, 3);
  const { tenant, contactId, ids } = scene;
  const { superuser } = app();
  await setPolicy(superuser, tenant, { strategy: "least_loaded", position: 5 });
  const first = await addDepartment(superuser, tenant, ids, { position: 1 });
  await leaveWaiting(superuser, tenant, contactId, 5);
  const preferred = await leaveWaiting(superuser, tenant, contactId, 2, { departmentId: first });
  await serve(scene, [tenant.departmentId, first]);
  const history = await historyOf(superuser, tenant.id);
  expect(history).toHaveLength(3);
  expect(
    history
      .slice(0, 2)
      .map(({ conversationId }) => conversationId)
      .toSorted(),
  ).toEqual(preferred.toSorted());
});

test("a freed slot serves every department of the agent, not only the one it was of", async () => {
  const scene = await gather(1, 1);
  const { tenant, contact, contactId, agents, ids } = scene;
  const { superuser } = app();
  const other = await addDepartment(superuser, tenant, ids);
  const { id: held } = await begin(contact);
  await ask(agents[0]!, "conversation:assign", { conversationId: held });
  const [waits] = await leaveWaiting(superuser, tenant, contactId, 1, { departmentId: other });
  const ear = await hear(agents[0]!);
  await ask(agents[0]!, "conversation:resolve", { conversationId: held });
  const { conversation } = await ear.next("conversation:assigned");
  expect(conversation.id).toBe(waits);
  expect((await historyOf(superuser, tenant.id)).at(-1)).toMatchObject({ trigger: "slot_freed" });
});

test("who may not answer is given nothing, whatever their role is called, and the record says so", async () => {
  const scene = await gather(2);
  const { tenant, contact, ids } = scene;
  const { superuser } = app();
  await superuser.query(
    "INSERT INTO roles (tenant_id, key, name, permissions, built_in) VALUES ($1, 'reader', 'Reader', $2, false)",
    [tenant.id, ["conversation.read", "offer.answer"]],
  );
  await setMember(superuser, tenant, ids[0]!, { role: "reader" });
  await setPolicy(superuser, tenant, { strategy: "least_loaded" });
  const { id } = await begin(contact);
  const [assignment] = await eventually(async () => {
    const list = await assignmentsOf(superuser, id);
    return list.length > 0 ? list : undefined;
  }, "it is assigned");
  expect(assignment!.agentId).toBe(ids[1]);
  expect(assignment!.decision.candidates).toContainEqual(
    expect.objectContaining({ agentId: ids[0], excluded: "may_not_answer" }),
  );
});

test("a message left for later waits for the department to open, and everything else does not", async () => {
  const scene = await gather(1);
  const { tenant, contactId } = scene;
  const { superuser } = app();
  const hours = randomUUID();
  await superuser.query(
    "INSERT INTO business_hours (tenant_id, id, name, time_zone, intervals) VALUES ($1, $2, 'Never', 'UTC', '[]')",
    [tenant.id, hours],
  );
  await setPolicy(superuser, tenant, { strategy: "least_loaded", business_hours_id: hours });
  const [later] = await leaveWaiting(superuser, tenant, contactId, 1, { forLater: true });
  const [now] = await leaveWaiting(superuser, tenant, contactId, 1);
  await serve(scene);
  expect((await historyOf(superuser, tenant.id)).map(({ conversationId }) => conversationId)).toEqual([now]);
  const always = Array.from({ length: 7 }, (_, i) => ({ weekday: i + 1, from: "00:00", to: "24:00" }));
  await superuser.query("UPDATE business_hours SET intervals = $2 WHERE id = $1", [hours, JSON.stringify(always)]);
  await serve(scene);
  expect((await historyOf(superuser, tenant.id)).at(-1)!.conversationId).toBe(later);
});

test("nothing is handed out where agents pick for themselves, or in a department that is archived", async () => {
  const scene = await gather(1);
  const { tenant, contactId } = scene;
  await leaveWaiting(app().superuser, tenant, contactId, 2);
  await serve(scene);
  await setPolicy(app().superuser, tenant, { strategy: "least_loaded", archived_at: new Date().toISOString() });
  await serve(scene);
  expect(await historyOf(app().superuser, tenant.id)).toEqual([]);
});

test("a node finds by itself what was left waiting, without anybody's word", async () => {
  const scene = await gather(1);
  const { tenant, contactId, agents } = scene;
  const ear = await hear(agents[0]!);
  const [id] = await leaveWaiting(app().superuser, tenant, contactId, 1);
  await setPolicy(app().superuser, tenant, { strategy: "least_loaded" });
  const { conversation } = await ear.next("conversation:assigned");
  expect(conversation.id).toBe(id);
  expect(await historyOf(app().superuser, tenant.id)).toMatchObject([{ trigger: "reconciled" }]);
  expect((await look(agents[0]!, id!)).conversation.status).toBe("open");
});

test("one tenant's thousand waiting conversations let another's single one go by after a batch", async () => {
  const [flood, small] = [await gather(1, 2_000), await gather(1)];
  const { superuser } = app();
  await leaveWaiting(superuser, flood.tenant, flood.contactId, 300);
  await leaveWaiting(superuser, small.tenant, small.contactId, 1);
  for (const { tenant } of [flood, small]) await setPolicy(superuser, tenant, { strategy: "least_loaded" });
  await Promise.all([serve(flood), serve(small)]);
  const { rows } = await superuser.query<{ ahead: number; all: number }>(
    `SELECT (SELECT count(*)::int FROM assignments WHERE tenant_id = $1) AS all, count(*)::int AS ahead FROM assignments
     WHERE tenant_id = $1 AND started_at < (SELECT started_at FROM assignments WHERE tenant_id = $2)`,
    [flood.tenant.id, small.tenant.id],
  );
  expect(rows[0]!.all).toBe(300);
  // One batch under way when it came, and one that began with it.
  expect(rows[0]!.ahead).toBeLessThanOrEqual(60);
});
