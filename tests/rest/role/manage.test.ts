import { expect, test } from "vitest";
import { builtInRoles, permissions, tenantPermissions } from "../../../server/contract/permissions.ts";
import { keyFrom } from "../../../server/features/role/name.ts";
import { begin } from "../../socket/support/scene.ts";
import { assignmentsOf } from "../../socket/support/tables.ts";
import { useApp } from "../../support/app.ts";
import type { TestAgent, TestTenant } from "../../support/tenant.ts";
import { eventually } from "../../support/wait.ts";
import { comingBack, membershipOf } from "../agent/support.ts";
import { customRole, giveRole } from "../invitation/support.ts";
import { ask, auditOf, refusalOf, tokenFor } from "../requests.ts";

const app = useApp();

const as = async (tenant: TestTenant, by: TestAgent | undefined, method: string, path: string, body?: object) =>
  ask(app().url, method, path, { token: await tokenFor(app(), tenant, by), ...(body && { body }) });

const roleRows = async (tenant: TestTenant) => {
  const { rows } = await app().superuser.query(
    "SELECT key, name, permissions FROM roles WHERE tenant_id = $1 ORDER BY key",
    [tenant.id],
  );
  return rows;
};

test("a role is made of permissions, its key of its name, and members who are given it hold what it says", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  const [admin, agent] = tenant.agents as [TestAgent, TestAgent];
  const made = await as(tenant, admin, "POST", "/roles", {
    name: " Équipe de nuit ",
    description: "Nobody sleeps",
    permissions: ["message.send", "conversation.read", "message.send"],
  });
  expect(made).toMatchObject({
    status: 201,
    body: {
      role: {
        key: "equipe_de_nuit",
        name: "Équipe de nuit",
        description: "Nobody sleeps",
        builtIn: false,
        members: 0,
        permissions: ["conversation.read", "message.send"],
      },
    },
  });
  const person = await app().agent(tenant, { agent });
  const rights = await comingBack(person, () =>
    as(tenant, admin, "PATCH", `/agents/${agent.id}`, { role: "equipe_de_nuit" }),
  );
  expect(rights).toEqual(["conversation.read", "message.send"]);
  expect((await as(tenant, agent, "GET", "/me")).body).toMatchObject({ role: "equipe_de_nuit", permissions: rights });
  expect(refusalOf(await as(tenant, agent, "GET", "/agents"))).toEqual([403, "permission_denied"]);
  expect((await as(tenant, admin, "GET", "/roles/equipe_de_nuit")).body.role.members).toBe(1);
  const events = (await auditOf(app(), tenant)).filter(({ action }) => action === "role.create");
  expect(events).toMatchObject([
    { after: { key: "equipe_de_nuit", permissions: ["conversation.read", "message.send"] } },
  ]);
});

test.each([
  ["Night shift", "night_shift"],
  ["  ÅNGSTRÖM -- 2 ", "angstrom_2"],
  ["夜勤", "role"],
  ["!!!", "role"],
  ["x".repeat(100), "x".repeat(50)],
])("the name %j makes the key %j", (name, key) => expect(keyFrom(name)).toBe(key));

test("keys are never those of built-in roles, of this workspace or of the platform's, nor two the same", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const keys: string[] = [];
  for (const name of ["Super admin", "Tenant-Admin", "夜勤", "夜", "Night", "night!"])
    keys.push((await as(tenant, undefined, "POST", "/roles", { name, permissions: [] })).body.role.key);
  expect(keys).toEqual(["super_admin_2", "tenant_admin_2", "role", "role_2", "night", "night_2"]);
  const twins = await Promise.all(
    [1, 2, 3].map(() => as(tenant, undefined, "POST", "/roles", { name: "Twin", permissions: [] })),
  );
  expect(twins.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
  expect(refusalOf(await as(tenant, undefined, "POST", "/roles", { name: "tWIN", permissions: [] }))).toEqual([
    409,
    "conflict",
  ]);
  expect(refusalOf(await as(tenant, undefined, "PATCH", "/roles/night", { name: "TWIN" }))).toEqual([409, "conflict"]);
});

test("only what a workspace can hold makes a role: nothing of the platform's, nothing unknown", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  await customRole(app(), tenant, "plain", ["conversation.read"]);
  const before = await roleRows(tenant);
  for (const wrong of [["platform.manage"], ["no.such"], "conversation.read", [null], undefined])
    expect(refusalOf(await as(tenant, undefined, "POST", "/roles", { name: "Wrong", permissions: wrong }))).toEqual([
      400,
      "invalid_payload",
    ]);
  for (const wrong of [["platform.impersonate"], [1], {}])
    expect(refusalOf(await as(tenant, undefined, "PATCH", "/roles/plain", { permissions: wrong }))).toEqual([
      400,
      "invalid_payload",
    ]);
  expect(await roleRows(tenant)).toEqual(before);
});

test("nobody makes a role of rights they do not hold, nor adds or takes such rights, not even of the role they hold", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  const [, keeper] = tenant.agents as [TestAgent, TestAgent];
  const held = ["conversation.read", "role.read", "role.manage", "agent.read", "agent.update", "invitation.create"];
  await customRole(app(), tenant, "keeper", held);
  await customRole(app(), tenant, "strong", ["conversation.read", "api_key.manage"]);
  await giveRole(app(), tenant, keeper, "keeper");
  const before = await roleRows(tenant);
  for (const [method, path, body] of [
    ["POST", "/roles", { name: "Up", permissions: ["conversation.read", "tenant.update"] }],
    ["PATCH", "/roles/keeper", { permissions: [...held, "tenant.update"] }],
    ["PATCH", "/roles/strong", { permissions: ["conversation.read"] }],
    ["PATCH", "/roles/strong", { permissions: ["conversation.read", "api_key.manage", "role.read"] }],
    ["PATCH", `/agents/${keeper.id}`, { role: "strong" }],
    ["PATCH", `/agents/${keeper.id}`, { role: "tenant_admin" }],
    ["POST", "/invitations", { email: "up@example.test", role: "strong" }],
  ] as const) {
    const answer = await as(tenant, keeper, method, path, body);
    expect([path, ...refusalOf(answer)]).toEqual([path, 403, "permission_denied"]);
  }
  expect(await roleRows(tenant)).toEqual(before);
  expect(
    (await as(tenant, keeper, "POST", "/roles", { name: "Fine", permissions: ["conversation.read"] })).status,
  ).toBe(201);
  expect((await as(tenant, keeper, "PATCH", "/roles/strong", { name: "Stronger" })).status).toBe(200);
});

test("an edited role reaches every live socket of those who hold it at once, and nobody else's", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent", "agent"] });
  const [admin, first, second] = tenant.agents as [TestAgent, TestAgent, TestAgent];
  await customRole(app(), tenant, "helper", ["conversation.read", "message.send"]);
  for (const agent of [first, second]) await giveRole(app(), tenant, agent, "helper");
  const [one, two, bystander] = await Promise.all(
    [first, second, admin].map((agent) => app().agent(tenant, { agent })),
  );
  const edit = () =>
    as(tenant, admin, "PATCH", "/roles/helper", { permissions: ["conversation.read", "message.send", "agent.read"] });
  const told = two!.next("session:ended");
  expect(await comingBack(one!, edit)).toEqual(["conversation.read", "message.send", "agent.read"]);
  expect(await told).toEqual({ reason: "access_changed", reconnect: true });
  expect(bystander!.readies).toBe(1);
  // Neither another name nor the same rights change what anybody may do.
  const { access_version: version } = await membershipOf(app(), tenant, first);
  await as(tenant, admin, "PATCH", "/roles/helper", {
    name: "Aide",
    permissions: ["agent.read", "message.send", "conversation.read"],
  });
  expect((await membershipOf(app(), tenant, first)).access_version).toBe(version);
});

test("an edited role that nobody is told about is found at the next check of the sessions", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  const [admin, agent] = tenant.agents as [TestAgent, TestAgent];
  await customRole(app(), tenant, "helper", ["conversation.read", "message.send"]);
  await giveRole(app(), tenant, agent, "helper");
  const person = await app().agent(tenant, { agent });
  const { publish } = app().app.node;
  const tell = publish.changeAccess;
  publish.changeAccess = () => {};
  try {
    const edit = () => as(tenant, admin, "PATCH", "/roles/helper", { permissions: ["conversation.read"] });
    expect(await comingBack(person, edit)).toEqual(["conversation.read"]);
  } finally {
    publish.changeAccess = tell;
  }
});

test("a role that may no longer answer hands back what its members hold", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"], strategy: "least_loaded" });
  const [admin, agent] = tenant.agents as [TestAgent, TestAgent];
  await customRole(app(), tenant, "helper", builtInRoles.agent);
  await giveRole(app(), tenant, agent, "helper");
  const contact = await app().contact(tenant);
  const person = await app().agent(tenant, { agent });
  const { id } = await begin(contact);
  await eventually(async () => (await assignmentsOf(app().superuser, id)).length > 0, "it is given to the agent");
  await comingBack(person, () => as(tenant, admin, "PATCH", "/roles/helper", { permissions: ["conversation.read"] }));
  expect(await assignmentsOf(app().superuser, id)).toMatchObject([{ agentId: agent.id, running: false }]);
  expect((await membershipOf(app(), tenant, agent)).active_count).toBe(0);
});

test("built-in roles stay as they are", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const before = await roleRows(tenant);
  for (const key of Object.keys(builtInRoles)) {
    expect(refusalOf(await as(tenant, undefined, "PATCH", `/roles/${key}`, { permissions: [] }))).toEqual([
      409,
      "conflict",
    ]);
    expect(refusalOf(await as(tenant, undefined, "DELETE", `/roles/${key}`))).toEqual([409, "conflict"]);
  }
  expect(await roleRows(tenant)).toEqual(before);
});

test("a role is deleted once nobody holds it, the deactivated counted too", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  const [, agent] = tenant.agents as [TestAgent, TestAgent];
  await customRole(app(), tenant, "helper", []);
  await giveRole(app(), tenant, agent, "helper");
  await app().superuser.query("UPDATE memberships SET status = 'deactivated' WHERE user_id = $1", [agent.id]);
  const refused = await as(tenant, undefined, "DELETE", "/roles/helper");
  expect(refusalOf(refused)).toEqual([409, "conflict"]);
  expect(refused.body.error.details).toEqual({ members: 1, invitations: 0 });
  await giveRole(app(), tenant, agent, "agent");
  expect((await as(tenant, undefined, "DELETE", "/roles/helper")).status).toBe(204);
  expect(refusalOf(await as(tenant, undefined, "DELETE", "/roles/helper"))).toEqual([404, "not_found"]);
  expect((await auditOf(app(), tenant)).filter(({ action }) => action === "role.delete")).toMatchObject([
    { before: { key: "helper" } },
  ]);
});

test("a plan without custom roles makes and changes none, and those there are go on, and can be deleted", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"], plan: "basic" });
  await customRole(app(), tenant, "helper", ["conversation.read"]);
  for (const [method, path, body] of [
    ["POST", "/roles", { name: "Another", permissions: [] }],
    ["PATCH", "/roles/helper", { permissions: [] }],
  ] as const) {
    const answer = await as(tenant, undefined, method, path, body);
    expect(refusalOf(answer)).toEqual([403, "limit_exceeded"]);
    expect(answer.body.error.details).toEqual({ feature: "customRoles", plan: "basic" });
  }
  expect((await as(tenant, undefined, "GET", "/roles/helper")).body.role.permissions).toEqual(["conversation.read"]);
  expect((await as(tenant, undefined, "DELETE", "/roles/helper")).status).toBe(204);
});

test("roles are listed page by page, the built-in ones first, and none of another workspace", async () => {
  const [tenant, other] = [
    await app().tenant({ roles: ["tenant_admin", "manager"] }),
    await app().tenant({ roles: ["tenant_admin"] }),
  ];
  await customRole(app(), other, "theirs", []);
  for (const key of ["abc", "zyx"]) await customRole(app(), tenant, key, ["conversation.read", "gone.since"]);
  const seen: any[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const { body } = await as(tenant, undefined, "GET", `/roles?limit=4${cursor && `&cursor=${cursor}`}`);
    seen.push(...body.data);
    cursor = body.nextCursor;
  }
  expect(seen.map(({ key, builtIn, members }) => [key, builtIn, members])).toEqual([
    ["agent", true, 0],
    ["manager", true, 1],
    ["read_only", true, 0],
    ["tenant_admin", true, 1],
    ["abc", false, 0],
    ["zyx", false, 0],
  ]);
  for (const { key, permissions: held } of seen)
    expect(held).toEqual(key in builtInRoles ? builtInRoles[key as keyof typeof builtInRoles] : ["conversation.read"]);
  for (const method of ["GET", "PATCH", "DELETE"])
    expect(
      refusalOf(
        await as(tenant, undefined, method, "/roles/theirs", method === "PATCH" ? { name: "Ours" } : undefined),
      ),
    ).toEqual([404, "not_found"]);
});

test("every member reads what each permission allows, and only Parley's own staff those of the platform", async () => {
  const tenant = await app().tenant({ roles: ["read_only"] });
  const list = async () => {
    const seen: any[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const { body } = await as(tenant, undefined, "GET", `/permissions?limit=20${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.data);
      cursor = body.nextCursor;
    }
    return seen;
  };
  expect(await list()).toEqual(tenantPermissions.map((key) => ({ key, description: permissions[key] })));
  await app().superuser.query("UPDATE tenants SET kind = 'platform' WHERE id = $1", [tenant.id]);
  expect((await list()).map(({ key }) => key)).toEqual(Object.keys(permissions));
  expect(refusalOf(await as(tenant, undefined, "GET", "/permissions?cursor=nothing"))).toEqual([
    400,
    "invalid_payload",
  ]);
});

test("in the platform's workspace the last super admin stays", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  const [root, other] = tenant.agents as [TestAgent, TestAgent];
  await app().superuser.query("UPDATE tenants SET kind = 'platform' WHERE id = $1", [tenant.id]);
  await app().superuser.query(
    "INSERT INTO roles (tenant_id, key, name, built_in) VALUES ($1, 'super_admin', 'Super admin', true), ($1, 'platform_support', 'Platform support', true)",
    [tenant.id],
  );
  await giveRole(app(), tenant, root, "super_admin");
  expect(refusalOf(await as(tenant, root, "PATCH", `/agents/${root.id}`, { role: "platform_support" }))).toEqual([
    409,
    "conflict",
  ]);
  expect((await as(tenant, root, "PATCH", `/agents/${other.id}`, { role: "super_admin" })).status).toBe(200);
  expect((await as(tenant, root, "PATCH", `/agents/${root.id}`, { role: "platform_support" })).status).toBe(200);
});
