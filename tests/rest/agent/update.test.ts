import { expect, test } from "vitest";
import { builtInRoles } from "../../../server/contract/permissions.ts";
import { begin } from "../../socket/support/scene.ts";
import { assignmentsOf } from "../../socket/support/tables.ts";
import { useApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import type { TestAgent, TestTenant } from "../../support/tenant.ts";
import { eventually } from "../../support/wait.ts";
import { customRole, giveRole } from "../invitation/support.ts";
import { ask, auditOf, refusalOf, tokenFor } from "../requests.ts";
import { adminsOf, comingBack, membershipOf } from "./support.ts";

const app = useApp();

const patch = async (tenant: TestTenant, by: TestAgent, whom: TestAgent | string, body: object) =>
  ask(app().url, "PATCH", `/agents/${typeof whom === "string" ? whom : whom.id}`, {
    token: await tokenFor(app(), tenant, by),
    body,
  });

test("role, capacity, skills and departments of a member change, each alone or all together, and what is left out stays", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  const [admin, agent] = tenant.agents as [TestAgent, TestAgent];
  const changed = await patch(tenant, admin, agent, { capacity: 7, skills: { French: 4, " billing ": 2 } });
  expect(changed).toMatchObject({
    status: 200,
    body: { agent: { id: agent.id, role: "agent", capacity: 7, skills: { French: 4, billing: 2 }, status: "active" } },
  });
  const left = await patch(tenant, admin, agent, { role: "manager", departmentIds: [] });
  expect(left.body.agent).toMatchObject({ role: "manager", capacity: 7, departments: [] });
  const back = await patch(tenant, admin, agent, { departmentIds: [tenant.departmentId, tenant.departmentId] });
  expect(back.body.agent.departments).toEqual([{ id: tenant.departmentId, name: "Support" }]);
  expect((await patch(tenant, admin, agent, {})).body).toEqual(back.body);
  const events = (await auditOf(app(), tenant)).filter(({ action }) => action === "agent.update");
  expect(events.map(({ before, after, target_id }) => ({ before, after, target_id }))).toEqual([
    {
      target_id: agent.id,
      before: { capacity: 1_000, skills: {} },
      after: { capacity: 7, skills: { French: 4, billing: 2 } },
    },
    {
      target_id: agent.id,
      before: { role: "agent", departmentIds: [tenant.departmentId] },
      after: { role: "manager", departmentIds: [] },
    },
    { target_id: agent.id, before: { departmentIds: [] }, after: { departmentIds: [tenant.departmentId] } },
  ]);
});

test("a change of role reaches a live socket at once, which comes back with the rights it has now", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  const [admin, agent] = tenant.agents as [TestAgent, TestAgent];
  const [bystander, person] = [await app().agent(tenant), await app().agent(tenant, { agent })];
  const rights = await comingBack(person, () => patch(tenant, admin, agent, { role: "manager" }));
  expect(rights).toEqual(builtInRoles.manager);
  expect(bystander.readies).toBe(1);
  expect(person.refused).toBeUndefined();
});

test("a change of departments reaches a live socket at once", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  const [admin, agent] = tenant.agents as [TestAgent, TestAgent];
  const person = await app().agent(tenant, { agent });
  await comingBack(person, () => patch(tenant, admin, agent, { departmentIds: [] }));
  expect((person.ready as unknown as { departments: unknown[] }).departments).toEqual([]);
});

test("a change that is told to nobody is found at the next check of the sessions", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  const [admin, agent] = tenant.agents as [TestAgent, TestAgent];
  const person = await app().agent(tenant, { agent });
  const { publish } = app().app.node;
  const tell = publish.changeAccess;
  publish.changeAccess = () => {};
  try {
    const rights = await comingBack(person, () => patch(tenant, admin, agent, { role: "read_only" }));
    expect(rights).toEqual(builtInRoles.read_only);
  } finally {
    publish.changeAccess = tell;
  }
});

test("nobody gives a role that holds more than they do, nor changes the role of somebody who holds more", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "tenant_admin", "manager", "agent"] });
  const [, otherAdmin, manager, agent] = tenant.agents as [TestAgent, TestAgent, TestAgent, TestAgent];
  await customRole(app(), tenant, "exporter", ["conversation.read", "audit_event.export"]);
  const attempts: [TestAgent, string][] = [
    [agent, "tenant_admin"],
    [agent, "exporter"],
    [manager, "tenant_admin"],
    [otherAdmin, "agent"],
    [otherAdmin, "exporter"],
  ];
  for (const [whom, role] of attempts) {
    const answer = await patch(tenant, manager, whom, { role, capacity: 3 });
    expect(refusalOf(answer)).toEqual([403, "permission_denied"]);
    expect(await membershipOf(app(), tenant, whom)).toMatchObject({
      role: whom.role,
      capacity: 1_000,
      access_version: 1,
    });
  }
  expect((await patch(tenant, manager, agent, { role: "read_only" })).status).toBe(200);
});

test("the last admin is neither demoted nor deactivated, by nobody, not even by themselves", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "tenant_admin"] });
  const [first, second] = tenant.agents as [TestAgent, TestAgent];
  expect((await patch(tenant, first, second, { role: "manager" })).status).toBe(200);
  expect(refusalOf(await patch(tenant, first, first, { role: "manager" }))).toEqual([409, "conflict"]);
  // A role of the workspace's own may hold everything, and is still not the admin's.
  await customRole(app(), tenant, "everything", builtInRoles.tenant_admin);
  await giveRole(app(), tenant, second, "everything");
  expect(refusalOf(await patch(tenant, second, first, { role: "agent" }))).toEqual([409, "conflict"]);
  const token = await tokenFor(app(), tenant, second);
  const answer = await ask(app().url, "POST", `/agents/${first.id}/deactivate`, { token });
  expect(refusalOf(answer)).toEqual([409, "conflict"]);
  expect(await adminsOf(app(), tenant)).toEqual([first.id]);
});

test("admins who demote or deactivate each other at once leave one", async () => {
  for (const deed of ["demote", "deactivate", "both"]) {
    const tenant = await app().tenant({ roles: ["tenant_admin", "tenant_admin", "tenant_admin"] });
    const tokens = await Promise.all(tenant.agents.map((agent) => tokenFor(app(), tenant, agent)));
    const pairs = tenant.agents.flatMap((_, by) =>
      tenant.agents.flatMap((whom, place) => (by === place ? [] : [{ by, whom }])),
    );
    const answers = await Promise.all(
      pairs.map(({ by, whom }) => {
        const token = tokens[by];
        return deed === "demote" || (deed === "both" && by % 2 === 0)
          ? ask(app().url, "PATCH", `/agents/${whom.id}`, { token, body: { role: "agent" } })
          : ask(app().url, "POST", `/agents/${whom.id}/deactivate`, { token });
      }),
    );
    for (const answer of answers) expect(answer.status).toBeLessThan(500);
    expect(await adminsOf(app(), tenant)).toHaveLength(1);
  }
});

test("a capacity beyond the plan is refused, and names limit and plan", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"], plan: "basic", capacity: 5 });
  const [admin, agent] = tenant.agents as [TestAgent, TestAgent];
  const answer = await patch(tenant, admin, agent, { capacity: 21, role: "manager" });
  expect(refusalOf(answer)).toEqual([403, "limit_exceeded"]);
  expect(answer.body.error.details).toMatchObject({ limit: "openConversationsPerAgent", most: 20, plan: "basic" });
  expect(await membershipOf(app(), tenant, agent)).toMatchObject({ role: "agent", capacity: 5 });
  expect((await patch(tenant, admin, agent, { capacity: 20 })).status).toBe(200);
});

test("whoever may no longer answer hands back what they hold", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"], strategy: "least_loaded" });
  const [admin, agent] = tenant.agents as [TestAgent, TestAgent];
  const contact = await app().contact(tenant);
  const person = await app().agent(tenant, { agent });
  const { id } = await begin(contact);
  await eventually(async () => (await assignmentsOf(app().superuser, id)).length > 0, "it is given to the agent");
  await comingBack(person, () => patch(tenant, admin, agent, { role: "read_only" }));
  expect(await assignmentsOf(app().superuser, id)).toMatchObject([{ agentId: agent.id, running: false }]);
  expect(await membershipOf(app(), tenant, agent)).toMatchObject({ role: "read_only", active_count: 0 });
});

test("roles, departments and members of another workspace are not found, and nothing is changed by halves", async () => {
  const [tenant, other] = [await app().tenant({ roles: ["tenant_admin", "agent"] }), await app().tenant()];
  const [admin, agent] = tenant.agents as [TestAgent, TestAgent];
  await customRole(app(), other, "theirs", ["conversation.read"]);
  for (const body of [
    { capacity: 1, role: "theirs" },
    { capacity: 1, role: "platform_support" },
    { capacity: 1, departmentIds: [tenant.departmentId, other.departmentId] },
  ])
    expect(refusalOf(await patch(tenant, admin, agent, body))).toEqual([404, "not_found"]);
  const stranger = await addAgent(app().superuser, other);
  expect(refusalOf(await patch(tenant, admin, stranger, { capacity: 1 }))).toEqual([404, "not_found"]);
  expect((await membershipOf(app(), tenant, agent)).capacity).toBe(1_000);
  expect((await membershipOf(app(), other, stranger)).capacity).toBe(1_000);
});

test("who leaves a department loses what is offered to them there", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"], strategy: "least_loaded" });
  const [admin, agent] = tenant.agents as [TestAgent, TestAgent];
  await app().superuser.query("UPDATE departments SET offer_seconds = 600 WHERE tenant_id = $1", [tenant.id]);
  const contact = await app().contact(tenant);
  await app().agent(tenant, { agent });
  await begin(contact);
  const offers = async () =>
    (await app().superuser.query("SELECT agent_id, status FROM offers WHERE tenant_id = $1", [tenant.id])).rows;
  await eventually(async () => (await offers()).length > 0, "it is offered to the agent");
  expect((await patch(tenant, admin, agent, { departmentIds: [] })).status).toBe(200);
  expect(await offers()).toEqual([{ agent_id: agent.id, status: "withdrawn" }]);
  expect((await membershipOf(app(), tenant, agent)).active_count).toBe(0);
});

test("skills are words with a level from one to five", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const [admin] = tenant.agents as [TestAgent];
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`s${n}`, 1]));
  for (const skills of [{ a: 0 }, { a: 6 }, { a: 1.5 }, { a: "1" }, { "": 1 }, { ["x".repeat(51)]: 1 }, many, [], null])
    expect(refusalOf(await patch(tenant, admin, admin, { skills }))).toEqual([400, "invalid_payload"]);
  for (const capacity of [-1, 1.5, 10_001, "5", null])
    expect(refusalOf(await patch(tenant, admin, admin, { capacity }))).toEqual([400, "invalid_payload"]);
});
