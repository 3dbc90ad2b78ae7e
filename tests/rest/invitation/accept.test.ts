import { randomUUID } from "node:crypto";
import { generateSync } from "otplib";
import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { eventually } from "../../support/wait.ts";
import { addAgent, password } from "../../support/tenant.ts";
import { ask, auditOf, cookieOf, logInRaw, refreshWith, refusalOf, tokenFor } from "../requests.ts";
import { customRole, giveRole, invite, seatsOf } from "./support.ts";

const app = useApp();
const somebody = () => `${randomUUID()}@example.test`;

const accept = (body: object) => ask(app().url, "POST", "/invitations/accept", { body });
const preview = (token: string) => ask(app().url, "POST", "/invitations/preview", { body: { token } });
const notFound = [404, "not_found"];

test("somebody new chooses a name and a password, is a member with role and departments, and signed in", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const email = somebody();
  const { token, invitation } = await invite(app(), tenant, {
    email,
    role: "manager",
    departmentIds: [tenant.departmentId],
  });
  const seen = await preview(token);
  expect(seen).toMatchObject({
    status: 200,
    body: {
      tenant: { name: tenant.name, slug: tenant.slug },
      email,
      roleName: "manager",
      invitedBy: { name: tenant.agents[0]!.name },
      hasLogin: false,
    },
  });
  const answer = await accept({ token, name: "  Nadia Okoye ", password });
  expect(answer).toMatchObject({
    status: 201,
    body: { user: { name: "Nadia Okoye", email }, tenant: { id: tenant.id }, tenants: [{ id: tenant.id }] },
  });
  const me = await ask(app().url, "GET", "/me", { token: answer.body.accessToken });
  expect(me.body).toMatchObject({ role: "manager", departments: [{ id: tenant.departmentId }] });
  // Whoever comes is given nothing before they say that they take conversations.
  const colleagues = await ask(app().url, "GET", "/agents", { token: await tokenFor(app(), tenant) });
  const joined = colleagues.body.data.find((one: { email: string }) => one.email === email);
  expect(joined).toMatchObject({ availability: "away" });
  expect((await refreshWith(app().url, cookieOf(answer)!.cookie)).status).toBe(200);
  expect((await logInRaw(app().url, email)).status).toBe(200);
  const events = (await auditOf(app(), tenant)).filter(({ action }) => action === "invitation.accept");
  expect(events).toMatchObject([{ target_id: invitation.id, actor_id: answer.body.user.id }]);
  const { body } = await ask(app().url, "GET", `/invitations/${invitation.id}`, {
    token: await tokenFor(app(), tenant),
  });
  expect(body.invitation).toMatchObject({ status: "accepted", acceptedAt: expect.any(String) });
  expect(refusalOf(await accept({ token, name: "Nadia Okoye", password }))).toEqual([409, "conflict"]);
  expect(refusalOf(await preview(token))).toEqual([409, "conflict"]);
});

test("a login there is joins by its own password, and keeps its name and its other workspaces", async () => {
  const [home, tenant] = [await app().tenant({ roles: ["agent"] }), await app().tenant({ roles: ["tenant_admin"] })];
  const guest = home.agents[0]!;
  const { token } = await invite(app(), tenant, { email: guest.email });
  expect((await preview(token)).body.hasLogin).toBe(true);
  const wrong = await accept({ token, name: "Somebody Else", password: "not the password" });
  expect(refusalOf(wrong)).toEqual([401, "unauthenticated"]);
  expect(await seatsOf(app(), tenant)).toBe(2);
  const answer = await accept({ token, name: "Somebody Else", password });
  expect(answer).toMatchObject({
    status: 201,
    body: { user: { id: guest.id, name: guest.name }, tenant: { id: tenant.id } },
  });
  expect(new Set(answer.body.tenants.map(({ id }: any) => id))).toEqual(new Set([home.id, tenant.id]));
  expect((await logInRaw(app().url, guest.email, { tenant: home.slug })).status).toBe(200);
});

test("a login with a second factor shows that too, and without it nobody joins", async () => {
  const [home, tenant] = [await app().tenant({ roles: ["agent"] }), await app().tenant({ roles: ["tenant_admin"] })];
  const guest = home.agents[0]!;
  const signedIn = await tokenFor(app(), home);
  const factor = (path: string, body: object) =>
    ask(app().url, "POST", `/auth/totp/${path}`, { token: signedIn, body });
  const { secret } = (await factor("setup", { password })).body;
  const { recoveryCodes } = (await factor("confirm", { code: generateSync({ secret }) })).body;
  const { token } = await invite(app(), tenant, { email: guest.email });
  const without = await accept({ token, password });
  expect(refusalOf(without)).toEqual([401, "unauthenticated"]);
  expect(without.body.error.details).toEqual({ reason: "code_required" });
  expect(refusalOf(await accept({ token, password, code: "nothing-of-ours" }))).toEqual([401, "unauthenticated"]);
  expect(await seatsOf(app(), tenant)).toBe(2);
  expect((await accept({ token, password, code: recoveryCodes[0] })).status).toBe(201);
});

test("a new login's password is one that could be chosen anywhere, and a name is needed", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const { token } = await invite(app(), tenant, { email: somebody() });
  for (const body of [
    { token, name: "Nadia", password: "too short" },
    { token, password },
    { token, name: " ", password },
  ])
    expect(refusalOf(await accept(body))).toEqual([400, "invalid_payload"]);
  expect(refusalOf(await accept({ token, name: "Nadia", password: "ä".repeat(37) }))).toEqual([400, "invalid_payload"]);
  expect((await accept({ token, name: "Nadia", password })).status).toBe(201);
});

test("accepted twice at once it makes one member", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const { token } = await invite(app(), tenant, { email: somebody() });
  const answers = await Promise.all([1, 2, 3].map((n) => accept({ token, name: `Nadia ${n}`, password })));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
  expect(await seatsOf(app(), tenant)).toBe(2);
});

/**
 * Accepts all of these at the same moment: each has looked at the login and waits to write. Somebody signs in with it just
 * then, who holds it and lets others hold it too.
 */
const acceptTogether = async (userId: string, bodies: object[]) => {
  const holder = await app().superuser.connect();
  try {
    await holder.query("BEGIN");
    await holder.query("SELECT FROM users WHERE id = $1 FOR SHARE", [userId]);
    const answers = Promise.all(bodies.map(accept));
    await eventually(async () => {
      const { rowCount } = await app().superuser.query(
        `SELECT FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%SET email_confirmed_at%'`,
      );
      return rowCount === bodies.length;
    }, "all wait for the login");
    await holder.query("COMMIT");
    return await answers;
  } finally {
    holder.release(true);
  }
};

/** Somebody with a login whose address is not confirmed, and the tokens of `many` workspaces that invite them. */
const wanted = async (many: number) => {
  const { email, id } = (await app().tenant()).agents[0]!;
  await app().superuser.query("UPDATE users SET email_confirmed_at = NULL WHERE id = $1", [id]);
  const tokens: string[] = [];
  for (let i = 0; i < many; i++)
    tokens.push((await invite(app(), await app().tenant({ roles: ["tenant_admin"] }), { email })).token);
  return { email, id, tokens };
};

test("invitations of several workspaces may be accepted by one login at the same moment", async () => {
  const { id, tokens } = await wanted(5);
  const answers = await acceptTogether(
    id,
    tokens.map((token) => ({ token, password })),
  );
  expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 201));
});

test("of two invitations to a login that was never used one chooses its password, and the other asks for it", async () => {
  const { email, id, tokens } = await wanted(2);
  await app().superuser.query("UPDATE users SET password_hash = NULL WHERE id = $1", [id]);
  const bodies = tokens.map((token, i) => ({ token, name: "Nadia Okoye", password: `a long enough password ${i}` }));
  const answers = await acceptTogether(id, bodies);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 409]));
  const won = answers.findIndex(({ status }) => status === 201);
  const chosen = bodies[won]!.password;
  expect((await ask(app().url, "POST", "/auth/login", { body: { email, password: chosen } })).status).toBe(200);
  expect((await accept({ token: tokens[1 - won], password: chosen })).status).toBe(201);
});

test("a link opens nothing once it is taken back, sent anew, run out or another's", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const admin = await tokenFor(app(), tenant);
  const [revoked, resent, expired, whole] = await Promise.all(
    [1, 2, 3, 4].map(() => invite(app(), tenant, { email: somebody() })),
  );
  const path = (one: typeof revoked) => `/invitations/${one!.invitation.id}`;
  expect((await ask(app().url, "DELETE", path(revoked), { token: admin })).status).toBe(204);
  expect((await ask(app().url, "POST", `${path(resent)}/resend`, { token: admin })).status).toBe(200);
  await app().superuser.query("UPDATE invitations SET expires_at = now() - interval '1 second' WHERE id = $1", [
    expired!.invitation.id,
  ]);
  const [tenantPart, invitationPart, secret] = whole!.token.split(".") as [string, string, string];
  const crossed = [
    `${tenantPart}.${revoked!.invitation.id}.${secret}`,
    `${randomUUID()}.${invitationPart}.${secret}`,
    `${(await app().tenant()).id}.${invitationPart}.${secret}`,
    `${tenantPart}.${invitationPart}.${"A".repeat(43)}`,
    `${tenantPart}.${invitationPart}`,
    "nothing of the kind",
    "é.ü.ö",
  ];
  const seats = await seatsOf(app(), tenant);
  for (const token of [revoked!.token, resent!.token, expired!.token, ...crossed]) {
    expect(refusalOf(await accept({ token, name: "Nadia", password }))).toEqual(notFound);
    expect(refusalOf(await preview(token))).toEqual(notFound);
  }
  // A host name or header of another workspace than the link's own.
  const elsewhere = await ask(app().url, "POST", "/invitations/accept", {
    body: { token: whole!.token, name: "Nadia", password },
    headers: { "X-Tenant-ID": (await app().tenant()).id },
  });
  expect(refusalOf(elsewhere)).toEqual(notFound);
  expect(await seatsOf(app(), tenant)).toBe(seats);
  expect((await accept({ token: whole!.token, name: "Nadia", password })).status).toBe(201);
});

test("an invitation does not outlive its inviter's right to give it", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "tenant_admin"] });
  const [first, second] = tenant.agents as [any, any];
  const { token, invitation } = await invite(app(), tenant, { email: somebody(), role: "tenant_admin", by: second });
  await giveRole(app(), tenant, second, "agent");
  expect(refusalOf(await accept({ token, name: "Nadia", password }))).toEqual(notFound);
  await giveRole(app(), tenant, second, "tenant_admin");
  await app().superuser.query("UPDATE memberships SET status = 'deactivated' WHERE user_id = $1", [second.id]);
  expect(refusalOf(await preview(token))).toEqual(notFound);
  // Whoever sends it again is its inviter from then on.
  const resent = await ask(app().url, "POST", `/invitations/${invitation.id}/resend`, {
    token: await tokenFor(app(), tenant, first),
  });
  expect(resent.body.invitation.invitedBy.id).toBe(first.id);
});

test("a workspace that is suspended, or over its plan, takes nobody in", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const { token } = await invite(app(), tenant, { email: somebody() });
  await app().superuser.query("UPDATE tenants SET status = 'suspended' WHERE id = $1", [tenant.id]);
  expect(refusalOf(await accept({ token, name: "Nadia", password }))).toEqual(notFound);
  await app().superuser.query("UPDATE tenants SET status = 'active', plan = 'basic' WHERE id = $1", [tenant.id]);
  for (let more = 0; more < 2; more++) await addAgent(app().superuser, tenant);
  const refused = await accept({ token, name: "Nadia", password });
  expect(refusalOf(refused)).toEqual([403, "limit_exceeded"]);
  expect(refused.body.error.details).toEqual({ limit: "agents", current: 4, most: 3, plan: "basic" });
  const { rows } = await app().superuser.query(
    "SELECT 1 FROM users WHERE name = 'Nadia' AND email IN (SELECT email FROM invitations WHERE tenant_id = $1)",
    [tenant.id],
  );
  expect(rows).toEqual([]);
});

test("a department that is gone by then is left out", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const { token } = await invite(app(), tenant, { email: somebody(), departmentIds: [tenant.departmentId] });
  await app().superuser.query("UPDATE departments SET archived_at = now() WHERE id = $1", [tenant.departmentId]);
  const answer = await accept({ token, name: "Nadia", password });
  expect(answer.status).toBe(201);
  const { body } = await ask(app().url, "GET", `/agents/${answer.body.user.id}`, {
    token: await tokenFor(app(), tenant),
  });
  expect(body.agent.departments).toEqual([]);
});

test("a pending invitation keeps its role from being deleted, and one that is over does not", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  await customRole(app(), tenant, "helper", ["conversation.read"]);
  const { invitation } = await invite(app(), tenant, { email: somebody(), role: "helper" });
  const token = await tokenFor(app(), tenant);
  const remove = () => ask(app().url, "DELETE", "/roles/helper", { token });
  const refused = await remove();
  expect(refusalOf(refused)).toEqual([409, "conflict"]);
  expect(refused.body.error.details).toEqual({ members: 0, invitations: 1 });
  await ask(app().url, "DELETE", `/invitations/${invitation.id}`, { token });
  expect((await remove()).status).toBe(204);
});
