import { expect, test } from "vitest";
import { begin } from "../../socket/support/scene.ts";
import { assignmentsOf } from "../../socket/support/tables.ts";
import { useApp } from "../../support/app.ts";
import type { TestAgent, TestTenant } from "../../support/tenant.ts";
import { eventually } from "../../support/wait.ts";
import { ask, auditOf, logInRaw, refusalOf, tokenFor } from "../requests.ts";
import { membershipOf } from "./support.ts";

const app = useApp();

const change = async (tenant: TestTenant, by: TestAgent, whom: TestAgent, how: "deactivate" | "reactivate") =>
  ask(app().url, "POST", `/agents/${whom.id}/${how}`, { token: await tokenFor(app(), tenant, by) });

test("a deactivated member is out at once: sockets, access tokens and logins", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  const [admin, agent] = tenant.agents as [TestAgent, TestAgent];
  const token = await tokenFor(app(), tenant, agent);
  const person = await app().agent(tenant, { agent });
  const ended = person.next<{ reason: string; reconnect: boolean }>("session:ended");
  const answer = await change(tenant, admin, agent, "deactivate");
  expect(answer).toMatchObject({
    status: 200,
    body: { agent: { id: agent.id, status: "deactivated", deactivatedAt: expect.any(String) } },
  });
  expect(await ended).toEqual({ reason: "deactivated", reconnect: false });
  const refused = await ask(app().url, "GET", "/me", { token });
  expect([refused.status, refused.body.error.code]).toEqual([401, "unauthenticated"]);
  expect((await logInRaw(app().url, agent.email)).status).toBe(401);
  const { rows } = await app().superuser.query("SELECT 1 FROM sessions WHERE user_id = $1 AND revoked_at IS NULL", [
    agent.id,
  ]);
  expect(rows).toEqual([]);
  expect((await auditOf(app(), tenant)).map(({ action, target_id }) => [action, target_id])).toContainEqual([
    "agent.deactivate",
    agent.id,
  ]);
});

test("what a deactivated member holds goes back to the queue, and to whoever can take it", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent", "agent"], strategy: "least_loaded" });
  const [admin, leaving, staying] = tenant.agents as [TestAgent, TestAgent, TestAgent];
  const contact = await app().contact(tenant);
  await app().agent(tenant, { agent: leaving });
  const { id } = await begin(contact);
  const holders = async () =>
    (await assignmentsOf(app().superuser, id)).map(({ agentId, running }) => ({ agentId, running }));
  await eventually(async () => (await holders()).length === 1, "it is given to the one who is there");
  await app().agent(tenant, { agent: staying });
  expect((await change(tenant, admin, leaving, "deactivate")).body.agent.activeCount).toBe(0);
  await eventually(async () => (await holders()).length === 2, "it is given to the other");
  expect(await holders()).toEqual([
    { agentId: leaving.id, running: false },
    { agentId: staying.id, running: true },
  ]);
  expect(await membershipOf(app(), tenant, leaving)).toMatchObject({ status: "deactivated", active_count: 0 });
});

test("a conversation that is taken in the very moment is not left with somebody who is gone", async () => {
  for (let round = 0; round < 3; round++) {
    const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
    const [admin, agent] = tenant.agents as [TestAgent, TestAgent];
    const contact = await app().contact(tenant);
    const ids = await Promise.all([1, 2, 3, 4].map(async (n) => (await begin(contact, `hello ${n}`)).id));
    const token = await tokenFor(app(), tenant, agent);
    await Promise.all([
      ...ids.map((id) => ask(app().url, "POST", `/conversations/${id}/assign`, { token, body: {} })),
      change(tenant, admin, agent, "deactivate"),
    ]);
    expect(await membershipOf(app(), tenant, agent)).toMatchObject({ status: "deactivated", active_count: 0 });
    const { rows } = await app().superuser.query(
      "SELECT status FROM conversations WHERE tenant_id = $1 AND assignee_id IS NOT NULL",
      [tenant.id],
    );
    expect(rows).toEqual([]);
  }
});

test("nobody deactivates themselves, somebody who holds more, or somebody twice", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "tenant_admin", "agent", "agent"] });
  const [admin, other, deputy, agent] = tenant.agents as [TestAgent, TestAgent, TestAgent, TestAgent];
  await app().superuser.query(
    "INSERT INTO roles (tenant_id, key, name, permissions) SELECT $1, 'deputy', 'Deputy', permissions || '{agent.deactivate,agent.read,conversation.read,message.send}' FROM roles WHERE tenant_id = $1 AND key = 'read_only'",
    [tenant.id],
  );
  await app().superuser.query("UPDATE memberships SET role = 'deputy' WHERE user_id = $1", [deputy.id]);
  expect(refusalOf(await change(tenant, admin, admin, "deactivate"))).toEqual([409, "conflict"]);
  expect(refusalOf(await change(tenant, deputy, other, "deactivate"))).toEqual([403, "permission_denied"]);
  expect(refusalOf(await change(tenant, deputy, agent, "deactivate"))).toEqual([403, "permission_denied"]);
  expect((await change(tenant, admin, agent, "deactivate")).status).toBe(200);
  expect(refusalOf(await change(tenant, admin, agent, "deactivate"))).toEqual([409, "conflict"]);
  expect(refusalOf(await change(tenant, deputy, agent, "reactivate"))).toEqual([403, "permission_denied"]);
});

test("a member who is brought back has role and departments as before, and signs in anew", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "manager"] });
  const [admin, manager] = tenant.agents as [TestAgent, TestAgent];
  const old = await tokenFor(app(), tenant, manager);
  await change(tenant, admin, manager, "deactivate");
  const { status, body } = await change(tenant, admin, manager, "reactivate");
  expect(status).toBe(200);
  expect(body.agent).toMatchObject({
    role: "manager",
    status: "active",
    deactivatedAt: null,
    departments: [{ id: tenant.departmentId }],
  });
  expect((await ask(app().url, "GET", "/me", { token: old })).status).toBe(401);
  expect((await logInRaw(app().url, manager.email)).status).toBe(200);
  expect(refusalOf(await change(tenant, admin, manager, "reactivate"))).toEqual([409, "conflict"]);
});

test("bringing members back never passes the plan's limit, however many at once", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent", "agent", "agent", "agent"], plan: "basic" });
  const [admin, ...agents] = tenant.agents as [TestAgent, ...TestAgent[]];
  for (const agent of agents) await change(tenant, admin, agent, "deactivate");
  const answers = await Promise.all(agents.map((agent) => change(tenant, admin, agent, "reactivate")));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 403, 403]);
  for (const answer of answers.filter(({ status }) => status === 403))
    expect(refusalOf(answer)[1]).toBe("limit_exceeded");
});
