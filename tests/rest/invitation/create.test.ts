import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import { ask, auditOf, refusalOf, tokenFor } from "../requests.ts";
import { customRole, invite, mailsOf, seatsOf, tokenOf } from "./support.ts";

const app = useApp();

test("an invitation keeps a seat for a week and mails a link that carries the only copy of its secret", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const token = await tokenFor(app(), tenant);
  const { status, body } = await ask(app().url, "POST", "/invitations", {
    token,
    body: { email: "Nadia@Example.test", role: "agent", departmentIds: [tenant.departmentId, tenant.departmentId] },
  });
  expect(status).toBe(201);
  expect(body.invitation).toMatchObject({
    email: "nadia@example.test",
    role: "agent",
    departmentIds: [tenant.departmentId],
    status: "pending",
    invitedBy: { id: tenant.agents[0]!.id, name: tenant.agents[0]!.name },
    acceptedAt: null,
    revokedAt: null,
  });
  const held = Date.parse(body.invitation.expiresAt) - Date.parse(body.invitation.createdAt);
  expect(Math.round(held / 86_400_000)).toBe(7);

  const [mail, ...others] = await mailsOf(app(), tenant, "nadia@example.test");
  expect(others).toEqual([]);
  expect(mail).toMatchObject({ kind: "invitation", sent_at: null });
  const secret = tokenOf(mail!);
  expect(secret).toContain(body.invitation.id);
  const { rows } = await app().superuser.query("SELECT token_hash FROM invitations WHERE id = $1", [
    body.invitation.id,
  ]);
  expect(secret).not.toContain(rows[0].token_hash);
  const events = await auditOf(app(), tenant);
  expect(events.map(({ action, target_id }) => [action, target_id])).toEqual([
    ["invitation.create", body.invitation.id],
  ]);
  expect(JSON.stringify([events, body])).not.toContain(secret.split(".")[2]);
});

test("fifty invitations at once never pass the plan's limit by one", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"], plan: "pro" });
  const token = await tokenFor(app(), tenant);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      ask(app().url, "POST", "/invitations", { token, body: { email: `guest-${n}@example.test`, role: "agent" } }),
    ),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(24);
  const refused = answers.filter(({ status }) => status !== 201);
  for (const answer of refused) {
    expect(refusalOf(answer)).toEqual([403, "limit_exceeded"]);
    expect(answer.body.error.details).toEqual({ limit: "agents", current: 25, most: 25, plan: "pro" });
  }
  expect(await seatsOf(app(), tenant)).toBe(25);
  expect(await mailsOf(app(), tenant)).toHaveLength(24);
});

test("nobody invites to a role that holds more than they do", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "manager"] });
  await customRole(app(), tenant, "exporter", ["agent.read", "audit_event.export"]);
  const token = await tokenFor(app(), tenant, tenant.agents[1]);
  for (const role of ["tenant_admin", "exporter"]) {
    const answer = await ask(app().url, "POST", "/invitations", { token, body: { email: "up@example.test", role } });
    expect(refusalOf(answer)).toEqual([403, "permission_denied"]);
    expect(answer.body.error.details.missing).toContain("audit_event.export");
  }
  expect(await seatsOf(app(), tenant)).toBe(2);
  expect(await mailsOf(app(), tenant)).toEqual([]);
  for (const role of ["manager", "agent", "read_only"])
    expect(
      (await invite(app(), tenant, { email: `${role}@example.test`, role, by: tenant.agents[1]! })).invitation.role,
    ).toBe(role);
});

test("who is a member, was one, or is invited already is not invited again, however the address is written", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  const token = await tokenFor(app(), tenant);
  const gone = await addAgent(app().superuser, tenant);
  await app().superuser.query("UPDATE memberships SET status = 'deactivated' WHERE user_id = $1", [gone.id]);
  await invite(app(), tenant, { email: "asked@example.test" });
  for (const email of [
    tenant.agents[1]!.email,
    tenant.agents[1]!.email.toUpperCase(),
    gone.email,
    "Asked@example.test",
  ])
    expect(refusalOf(await ask(app().url, "POST", "/invitations", { token, body: { email, role: "agent" } }))).toEqual([
      409,
      "conflict",
    ]);
  // Members of other workspaces are strangers here.
  const other = await app().tenant({ roles: ["agent"] });
  await invite(app(), tenant, { email: other.agents[0]!.email });
});

test("one address is invited once, however many ask at the same time", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const token = await tokenFor(app(), tenant);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () =>
      ask(app().url, "POST", "/invitations", { token, body: { email: "one@example.test", role: "agent" } }),
    ),
  );
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
    201,
    ...Array.from({ length: 7 }, () => 409),
  ]);
  expect(await mailsOf(app(), tenant)).toHaveLength(1);
});

test("roles and departments of another workspace are not found", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const other = await app().tenant();
  await customRole(app(), other, "theirs", ["agent.read"]);
  const token = await tokenFor(app(), tenant);
  const email = "lost@example.test";
  for (const body of [
    { email, role: "theirs" },
    { email, role: "super_admin" },
    { email, role: "agent", departmentIds: [other.departmentId] },
    { email, role: "agent", departmentIds: [tenant.departmentId, other.departmentId] },
  ])
    expect(refusalOf(await ask(app().url, "POST", "/invitations", { token, body }))).toEqual([404, "not_found"]);
  expect(await seatsOf(app(), tenant)).toBe(1);
});

test("an invitation that ran out gives its seat back and stands in nobody's way", async () => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"], plan: "basic" });
  const { invitation } = await invite(app(), tenant, { email: "late@example.test" });
  const token = await tokenFor(app(), tenant);
  const again = () =>
    ask(app().url, "POST", "/invitations", { token, body: { email: "late@example.test", role: "read_only" } });
  expect(refusalOf(await again())).toEqual([409, "conflict"]);
  await app().superuser.query("UPDATE invitations SET expires_at = now() - interval '1 second' WHERE id = $1", [
    invitation.id,
  ]);
  expect((await again()).status).toBe(201);
  const { body } = await ask(app().url, "GET", "/invitations", { token });
  expect(body.data.map(({ status, role }: any) => [status, role])).toEqual([
    ["pending", "read_only"],
    ["expired", "agent"],
  ]);
});
