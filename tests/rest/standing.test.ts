import { randomUUID } from "node:crypto";
import { beforeAll, expect, test, vi } from "vitest";
import { agentCommands } from "../../server/contract/agent.ts";
import type { Commands } from "../../server/contract/define.ts";
import { type Permission, tenantPermissions } from "../../server/contract/permissions.ts";
import { ask as command, codeOf } from "../socket/support/ask.ts";
import { begin } from "../socket/support/scene.ts";
import { useApp } from "../support/app.ts";
import { addAgent, openSession, type TestAgent, type TestTenant } from "../support/tenant.ts";
import { customRole, giveRole } from "./invitation/support.ts";
import { ask, refusalOf } from "./requests.ts";
import { all, snapshot } from "./routes-world.ts";

const app = useApp({ RATE_LIMIT_FACTOR: "1000" });
vi.setConfig({ testTimeout: 60_000 });

let tenant: TestTenant;
let admin: TestAgent;
let adminToken: string;

beforeAll(async () => {
  tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  admin = tenant.agents[0]!;
  adminToken = await openSession(app().superuser, tenant, admin);
});

type Answer = { status: number; body: any };
const asAdmin = async (method: string, path: string, body?: object): Promise<any> => {
  const answer: Answer = await ask(app().url, method, path, { token: adminToken, ...(body && { body }) });
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};

/** A member with a role of these permissions. */
const member = async (
  permissions: readonly Permission[],
  inDepartment = false,
): Promise<TestAgent & { key: string }> => {
  const key = `r${randomUUID().slice(0, 8)}`;
  await customRole(app(), tenant, key, [...permissions]);
  const agent = await addAgent(app().superuser, tenant, "agent", { inDepartment });
  await giveRole(app(), tenant, agent, key);
  return { ...agent, key };
};

type Attempt = [method: string, path: string, body?: object];
const invite = (role: string, departmentIds: string[] = []) =>
  asAdmin("POST", "/invitations", { email: `${randomUUID()}@example.test`, role, departmentIds }).then(
    ({ invitation }) => invitation.id as string,
  );

/** Who and what holds a right that somebody lacks. */
const settleAbove = async (lacking: Permission) => {
  const tall = await member([lacking], true);
  const out = await member([lacking]);
  await asAdmin("POST", `/agents/${out.id}/deactivate`);
  const low = await member([]);
  const spare = `s${randomUUID().slice(0, 8)}`;
  await customRole(app(), tenant, spare, [lacking]);
  const { apiKey } = await asAdmin("POST", "/api-keys", { name: "Key", permissions: [lacking] });
  return { tall, out, low, spare, apiKeyId: apiKey.id as string, invitationId: await invite(tall.key) };
};

/** Every way to change who stands above, or to give what one lacks, by the route it takes. */
const attemptsOf = (
  { tall, out, low, spare, apiKeyId, invitationId }: Awaited<ReturnType<typeof settleAbove>>,
  lacking: Permission,
) => {
  const department = `/departments/${tenant.departmentId}`;
  const others = tenant.agents.map(({ id }) => id);
  return {
    "agent/update": [
      ["PATCH", `/agents/${tall.id}`, { capacity: 1 }],
      ["PATCH", `/agents/${tall.id}`, { skills: { german: 5 } }],
      ["PATCH", `/agents/${tall.id}`, { departmentIds: [] }],
      ["PATCH", `/agents/${tall.id}`, { role: low.key }],
      ["PATCH", `/agents/${low.id}`, { role: tall.key }],
    ],
    "agent/deactivate": [["POST", `/agents/${tall.id}/deactivate`]],
    "agent/reactivate": [["POST", `/agents/${out.id}/reactivate`]],
    "invitation/create": [["POST", "/invitations", { email: `${randomUUID()}@example.test`, role: tall.key }]],
    "invitation/resend": [["POST", `/invitations/${invitationId}/resend`]],
    "invitation/revoke": [["DELETE", `/invitations/${invitationId}`]],
    "role/create": [["POST", "/roles", { name: `New ${spare}`, permissions: [lacking] }]],
    "role/update": [
      ["PATCH", `/roles/${spare}`, { permissions: [] }],
      ["PATCH", `/roles/${low.key}`, { permissions: [lacking] }],
    ],
    "role/delete": [["DELETE", `/roles/${spare}`]],
    "api-key/create": [["POST", "/api-keys", { name: "Mine", permissions: [lacking] }]],
    "api-key/revoke": [["DELETE", `/api-keys/${apiKeyId}`]],
    "department/create": [["POST", "/departments", { name: `With ${spare}`, memberIds: [tall.id] }]],
    "department/update": [["PATCH", department, { memberIds: others }]],
    "department/add-member": [["PUT", `${department}/members/${out.id}`]],
    "department/remove-member": [["DELETE", `${department}/members/${tall.id}`]],
  } satisfies Record<string, Attempt[]>;
};

test.each(tenantPermissions)(
  "whoever lacks %s changes nobody who holds it, and gives it to nobody",
  async (lacking) => {
    const above = await settleAbove(lacking);
    const lesser = await member(tenantPermissions.filter((one) => one !== lacking));
    const token = await openSession(app().superuser, tenant, lesser);
    const before = await snapshot(app(), [tenant.id]);
    const taken: string[] = [];
    for (const [name, attempts] of Object.entries<Attempt[]>(attemptsOf(above, lacking)))
      for (const [method, path, body] of attempts) {
        const [status, code] = refusalOf(await ask(app().url, method, path, { token, ...(body && { body }) }));
        if (code !== "permission_denied") taken.push(`${name} ${JSON.stringify(body)}: ${status} ${code}`);
      }
    expect(taken).toEqual([]);
    expect(await snapshot(app(), [tenant.id])).toBe(before);
  },
);

const ofDepartment = async (
  low: TestAgent & { key: string },
  out: TestAgent,
  invitationId: string,
): Promise<Attempt[]> => {
  const { departmentId } = tenant;
  const there = await app().superuser.query("SELECT user_id FROM department_members WHERE department_id = $1", [
    departmentId,
  ]);
  const memberIds = [...there.rows.map(({ user_id: id }) => id as string), low.id];
  return [
    ["POST", "/invitations", { email: `${randomUUID()}@example.test`, role: low.key, departmentIds: [departmentId] }],
    ["POST", `/invitations/${invitationId}/resend`],
    ["PATCH", `/agents/${low.id}`, { departmentIds: [departmentId] }],
    ["POST", `/agents/${out.id}/reactivate`],
    ["PATCH", `/departments/${departmentId}`, { memberIds }],
    ["PUT", `/departments/${departmentId}/members/${low.id}`],
  ];
};

test("nobody puts anybody into a department whose conversations they don't see, nor tells that there is one", async () => {
  const without = (...left: Permission[]) => tenantPermissions.filter((one) => !left.includes(one));
  const [low, out] = [await member([]), await member([], true)];
  await asAdmin("POST", `/agents/${out.id}/deactivate`);
  const attempts = await ofDepartment(low, out, await invite(low.key, [tenant.departmentId]));
  const codesFor = async (permissions: Permission[]) => {
    const token = await openSession(app().superuser, tenant, await member(permissions));
    const codes = new Set<unknown>();
    for (const [method, path, body] of attempts)
      codes.add(refusalOf(await ask(app().url, method, path, { token, ...(body && { body }) }))[1]);
    return [...codes];
  };
  const before = async () => (await app().superuser.query("SELECT count(*) FROM department_members")).rows;
  const members = await before();
  expect(await codesFor(without("conversation.read_all"))).toEqual(["permission_denied"]);
  expect(await codesFor(without("conversation.read_all", "department.read"))).toEqual(["not_found"]);
  expect(await before()).toEqual(members);
  // Whoever belongs to it may: it is theirs to share.
  const token = await openSession(app().superuser, tenant, await member(without("conversation.read_all"), true));
  for (const [method, path, body] of attempts) {
    const { status } = await ask(app().url, method, path, { token, ...(body && { body }) });
    expect([path, status < 300]).toEqual([path, true]);
  }
});

test("an invitation leads into no department its giver has lost sight of since", async () => {
  const giver = await member(
    tenantPermissions.filter((one) => one !== "conversation.read_all"),
    true,
  );
  const token = await openSession(app().superuser, tenant, giver);
  const email = `${randomUUID()}@example.test`;
  const body = { email, role: "agent", departmentIds: [tenant.departmentId] };
  expect((await ask(app().url, "POST", "/invitations", { token, body })).status).toBe(201);
  await asAdmin("DELETE", `/departments/${tenant.departmentId}/members/${giver.id}`);
  const { rows } = await app().superuser.query("SELECT text FROM mails WHERE recipient = $1", [email]);
  const secret = /token=([\w.-]+)/u.exec(rows[0].text)![1];
  const accepting = { token: secret, name: "Nadia Okoye", password: "a long enough password" };
  const accepted = await ask(app().url, "POST", "/invitations/accept", { body: accepting });
  expect(accepted.status).toBe(201);
  const { id } = accepted.body.user;
  expect((await asAdmin("GET", `/agents/${id}`)).agent.departments).toEqual([]);
});

const own = "it is the caller's own login, session or name";
const work = "it concerns conversations, not who people are";
const settings = "it concerns the workspace, and nobody's rights or membership";
const staff = "it is for Parley's staff, whose rights are over workspaces";
/** Why each other route that changes something is outside the rule. */
const others: [RegExp, string][] = [
  [/^(?:auth\/|me\/)/u, own],
  [/^(?:conversation|message)\//u, work],
  [/^(?:inbox|domain|business-hours|tenant|plan|routing)\//u, settings],
  [/^department\/(?:delete|restore)$/u, "nobody joins or leaves one: it is gone, or back with those who were in it"],
  [/^(?:platform-tenant|impersonation)\//u, staff],
];

test("every route that changes something is under the rule, or it is said why not", () => {
  const governed = Object.keys(attemptsOf({ tall: {}, out: {}, low: {} } as never, "role.read"));
  const changing = all.filter(([, { method, auth }]) => method !== "GET" && auth !== "none").map(([name]) => name);
  const open = changing.filter((name) => !governed.includes(name) && !others.some(([pattern]) => pattern.test(name)));
  expect(open).toEqual([]);
  expect(governed.filter((name) => !changing.includes(name as never))).toEqual([]);
  // Commands change what is one's own, or conversations.
  const theirs = /^(?:availability|conversation|message|offer|presence|receipt|session|typing):/u;
  expect(Object.keys(agentCommands as Commands).filter((name) => !theirs.test(name))).toEqual([]);
});

test("whoever may hand conversations over, but not write, adds no note by it", async () => {
  const [clerk, contact] = [
    await member(["conversation.read", "conversation.assign", "conversation.transfer", "offer.answer"], true),
    await app().contact(tenant),
  ];
  const [{ id: conversationId }, agent] = [await begin(contact), await app().agent(tenant, { agent: clerk })];
  const { departmentId } = tenant;
  const note = "not theirs to write";
  expect(await codeOf(command(agent, "conversation:assign", { conversationId, note }))).toBe("permission_denied");
  const transfer = { conversationId, departmentId, note };
  expect(await codeOf(command(agent, "conversation:transfer", transfer))).toBe("permission_denied");
  expect(await codeOf(command(agent, "offer:decline", { conversationId, reason: note }))).toBe("permission_denied");
  const token = await openSession(app().superuser, tenant, clerk);
  const body = { note };
  const overRest = await ask(app().url, "POST", `/conversations/${conversationId}/assign`, { token, body });
  expect(refusalOf(overRest)).toEqual([403, "permission_denied"]);
  const { rows } = await app().superuser.query("SELECT FROM entries WHERE body = $1", [note]);
  expect(rows).toEqual([]);
  await command(agent, "conversation:assign", { conversationId, agentId: null });
});

test("whoever tries a policy on the past sees departments whose conversations they see, and no others", async () => {
  const body = { from: "2026-11-01T00:00:00Z", to: "2026-11-15T00:00:00Z", policy: { strategy: "round_robin" } };
  const replay = async (agent: TestAgent) =>
    (
      await ask(app().url, "POST", `/departments/${tenant.departmentId}/routing/replay`, {
        token: await openSession(app().superuser, tenant, agent),
        body,
      })
    ).status;
  expect(await replay(await member(["routing.replay", "conversation.read", "department.read"]))).toBe(404);
  expect(await replay(await member(["routing.replay", "department.read"], true))).toBe(404);
  expect(await replay(await member(["routing.replay", "conversation.read"], true))).toBe(200);
  expect(await replay(await member(["routing.replay", "conversation.read", "conversation.read_all"]))).toBe(200);
});
