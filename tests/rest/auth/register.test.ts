import bcrypt from "bcrypt";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { LoginData } from "../../../server/contract/admin.ts";
import { builtInRoles, roles } from "../../../server/contract/permissions.ts";
import { useApp } from "../../support/app.ts";
import { ask, auditOf, cookieOf, logInRaw, refreshWith, refusalOf } from "../requests.ts";
import { holderOf, mailsTo, signUp, signUpOf } from "./people.ts";

const app = useApp({ DEMO: "true" });

const rowsOf = async (table: string, tenantId: string): Promise<any[]> =>
  (await app().superuser.query(`SELECT * FROM ${table} WHERE tenant_id = $1`, [tenantId])).rows;
const tenantBySlug = async (slug: string) =>
  (await app().superuser.query("SELECT * FROM tenants WHERE slug = $1", [slug])).rows[0];
const usersBy = async (email: string) =>
  (await app().superuser.query("SELECT * FROM users WHERE email = $1", [email])).rows;

test("a sign-up answers as a login does and signs the owner in as admin of the new workspace", async () => {
  const body = signUpOf();
  const answer = await signUp(app(), body);
  expect(answer.status).toBe(201);
  const data = v.parse(LoginData, answer.body);
  expect(data.user).toMatchObject({ email: body.email, name: body.name });
  expect(data.tenant).toMatchObject(body.workspace);
  expect(data.tenants).toEqual([data.tenant]);
  const me = await ask(app().url, "GET", "/me", { token: data.accessToken });
  expect(me.body).toMatchObject({
    role: "tenant_admin",
    roleName: "Admin",
    permissions: builtInRoles.tenant_admin,
    tenant: { plan: "pro", kind: "customer" },
    departments: [{ name: "Support" }],
  });
  expect((await refreshWith(app().url, cookieOf(answer)!.cookie)).status).toBe(200);
  expect((await logInRaw(app().url, body.email)).body.tenant).toEqual(data.tenant);
});

test("a new workspace is on trial and has roles, a department with its owner, an inbox and a history", async () => {
  const { tenant, user } = (await signUp(app(), signUpOf())).body;
  const row = await tenantBySlug(tenant.slug);
  expect(row).toMatchObject({ plan: "pro", subscription_status: "trialing", status: "active", kind: "customer" });
  expect(Math.round((row.trial_ends_at - row.created_at) / 86_400_000)).toBe(14);
  expect(new Set((await rowsOf("roles", tenant.id)).map(({ key }) => key))).toEqual(new Set(roles));
  const [department] = await rowsOf("departments", tenant.id);
  expect(department.name).toBe("Support");
  expect(await rowsOf("department_members", tenant.id)).toMatchObject([
    { department_id: department.id, user_id: user.id },
  ]);
  const [inbox] = await rowsOf("inboxes", tenant.id);
  expect(inbox).toMatchObject({ name: "Website", department_id: department.id });
  expect(inbox.identity_secrets[0].length).toBeGreaterThanOrEqual(40);
  expect(await rowsOf("inbox_keys", tenant.id)).toMatchObject([{ key: inbox.key, inbox_id: inbox.id }]);
  expect(await rowsOf("subscription_events", tenant.id)).toMatchObject([{ plan: "pro", status: "trialing" }]);
  expect(await auditOf(app(), tenant)).toMatchObject([
    { action: "auth.register", actor_id: user.id, target_id: tenant.id },
  ]);
});

test("where the demo shop is served the new inbox may be tried on it at once", async () => {
  const { tenant } = (await signUp(app(), signUpOf())).body;
  const [inbox] = await rowsOf("inboxes", tenant.id);
  const { port } = new URL(app().url);
  expect(inbox.allowed_origins).toEqual([`http://localhost:${port}`, `http://127.0.0.1:${port}`]);
});

test("the owner is welcomed by mail, in words that nobody could choose for somebody else", async () => {
  const body = signUpOf({ name: "Visit evil dot test" });
  await signUp(app(), { ...body, workspace: { ...body.workspace, name: "Buy at evil dot test" } });
  await ask(app().url, "POST", "/auth/password/forgot", { body: { email: body.email } });
  const mails = await mailsTo(app(), body.email);
  expect(mails.map(({ kind }) => kind)).toEqual(["welcome", "password_reset"]);
  expect(JSON.stringify(mails)).not.toContain("evil");
});

test("the password is kept as a hash of cost 12, and the address in small letters", async () => {
  const body = signUpOf();
  await signUp(app(), { ...body, email: body.email.toUpperCase() });
  const [user] = await usersBy(body.email);
  expect(bcrypt.getRounds(user.password_hash)).toBe(12);
});

describe("an address that has a login already", () => {
  test("gains a workspace with the right password, and keeps its name", async () => {
    const first = signUpOf();
    const before = (await signUp(app(), first)).body;
    const second = signUpOf({ email: first.email, name: "Another Name" });
    const answer = await signUp(app(), second);
    expect(answer.status).toBe(201);
    expect(answer.body.user).toEqual(before.user);
    expect(answer.body.tenant.slug).toBe(second.workspace.slug);
    expect(answer.body.tenants.map(({ slug }: { slug: string }) => slug).toSorted()).toEqual(
      [first.workspace.slug, second.workspace.slug].toSorted(),
    );
    expect(await usersBy(first.email)).toHaveLength(1);
  });

  test("is refused like a login with another password; nothing is made and its owner is told", async () => {
    const first = signUpOf();
    await signUp(app(), first);
    const second = signUpOf({ email: first.email, password: "somebody else's password" });
    const answer = await signUp(app(), second);
    expect(refusalOf(answer)).toEqual([401, "unauthenticated"]);
    expect(cookieOf(answer)).toBeUndefined();
    expect(await tenantBySlug(second.workspace.slug)).toBeUndefined();
    expect((await mailsTo(app(), first.email)).map(({ kind }) => kind)).toEqual(["welcome", "register_attempted"]);
  });
});

test("a short name that is taken or means something else is a conflict, and leaves no login behind", async () => {
  const taken = (await signUp(app(), signUpOf())).body.tenant.slug;
  for (const slug of [taken, "www"]) {
    const body = signUpOf({ workspace: { name: "Another", slug } });
    const answer = await signUp(app(), body);
    expect(refusalOf(answer)).toEqual([409, "conflict"]);
    expect(answer.body.error.details).toEqual({ field: "slug" });
    expect(await usersBy(body.email)).toEqual([]);
    expect(await mailsTo(app(), body.email)).toEqual([]);
  }
});

test("of sign-ups for one short name at once one gets it", async () => {
  const { workspace } = signUpOf();
  const answers = await Promise.all(Array.from({ length: 6 }, () => signUp(app(), signUpOf({ workspace }))));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  expect(statuses.filter((status) => status === 409)).toHaveLength(5);
});

test("sign-ups of one new address at once make one login with all the workspaces", async () => {
  const { email } = signUpOf();
  const bodies = Array.from({ length: 4 }, () => signUpOf({ email }));
  const answers = await Promise.all(bodies.map((body) => signUp(app(), body)));
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  expect(new Set(answers.map((answer) => holderOf(answer).userId)).size).toBe(1);
  expect((await logInRaw(app().url, email)).body.tenants).toHaveLength(4);
});

test.each([
  ["a password past the 72 bytes that bcrypt reads", { password: "x".repeat(73) }],
  ["a password of 37 two-byte letters", { password: "ü".repeat(37) }],
  ["a short password", { password: "too short" }],
  ["a slug with capitals", { workspace: { name: "Orchard", slug: "Orchard" } }],
  ["a slug that ends in a hyphen", { workspace: { name: "Orchard", slug: "orchard-" } }],
  ["a slug of two letters", { workspace: { name: "Orchard", slug: "or" } }],
  ["a workspace without a name", { workspace: { name: " ", slug: "orchard" } }],
  ["a plan", { plan: "enterprise" }],
  ["an e-mail address with a line break", { email: "a@orchard.test\nBcc: b@orchard.test" }],
])("%s is an invalid payload", async (_what, change) => {
  expect(refusalOf(await signUp(app(), signUpOf(change)))).toEqual([400, "invalid_payload"]);
});

test("a password of exactly 72 bytes signs up and in, and its first 71 bytes do not", async () => {
  const body = signUpOf({ password: "x".repeat(72) });
  expect((await signUp(app(), body)).status).toBe(201);
  const attempt = (secret: string) =>
    ask(app().url, "POST", "/auth/login", { body: { email: body.email, password: secret } });
  expect((await attempt("x".repeat(72))).status).toBe(200);
  expect((await attempt("x".repeat(71))).status).toBe(401);
});
