import { expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { openSession } from "../../support/tenant.ts";
import { call, staffOf } from "../platform/support.ts";
import { ask, auditOf } from "../requests.ts";

const app = useApp();

test("what one of Parley's staff does as members ends with all sessions of their login, at once", async () => {
  const { member, home, token } = await staffOf(app());
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const body = { tenantId: tenant.id, reason: "A conversation does not load.", minutes: 5, write: true };
  const { accessToken, impersonation } = await call(app(), "impersonation/create", { token, body });
  const live = await app().agent(tenant, { token: () => accessToken });
  const ended = live.next<{ reason: string }>("session:ended");
  const laptop = await openSession(app().superuser, home, member);
  expect((await ask(app().url, "POST", "/auth/sessions/revoke-others", { token: laptop })).body).toEqual({ ended: 1 });
  expect(await ended).toMatchObject({ reason: "impersonation_ended" });
  expect((await ask(app().url, "GET", "/me", { token: accessToken })).status).toBe(401);
  expect((await ask(app().url, "GET", "/me", { token: laptop })).status).toBe(200);
  expect((await auditOf(app(), tenant)).filter(({ action }) => action === "impersonation.end")).toMatchObject([
    { actor_kind: "platform", actor_id: member.id, target_id: impersonation.id },
  ]);
});

test("signing out ends what one of Parley's staff does as members", async () => {
  const { token } = await staffOf(app());
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const body = { tenantId: tenant.id, reason: "A conversation does not load.", minutes: 5 };
  const { accessToken } = await call(app(), "impersonation/create", { token, body });
  expect((await ask(app().url, "GET", "/me", { token: accessToken })).status).toBe(200);
  expect((await ask(app().url, "POST", "/auth/logout", { token })).status).toBe(204);
  expect((await ask(app().url, "GET", "/me", { token: accessToken })).status).toBe(401);
});

test("whoever acts as a member leaves no invitation behind, also where they may change things", async () => {
  const { token } = await staffOf(app());
  const tenant = await app().tenant({ roles: ["tenant_admin"] });
  const body = { tenantId: tenant.id, reason: "A conversation does not load.", minutes: 5, write: true };
  const { accessToken } = await call(app(), "impersonation/create", { token, body });
  const invited = { email: `later@${tenant.slug}.test`, role: "tenant_admin" };
  const answer = await ask(app().url, "POST", "/invitations", { token: accessToken, body: invited });
  expect([answer.status, answer.body.error.code]).toEqual([403, "permission_denied"]);
  const { rows } = await app().superuser.query("SELECT FROM invitations WHERE tenant_id = $1", [tenant.id]);
  expect(rows).toHaveLength(0);
});
