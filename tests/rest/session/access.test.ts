import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { builtInRoles, roles } from "../../../server/contract/permissions.ts";
import { accessAgent, accessSession, listOutdatedSessions } from "../../../server/features/session/access.ts";
import { useApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import type { TestAgent, TestTenant } from "../../support/tenant.ts";
import { tokenFor } from "../requests.ts";

const app = useApp();
const node = () => app().app.node;

const claimsOf = async (tenant: TestTenant, agent?: TestAgent) =>
  node().tokens.checkAccess(await tokenFor(app(), tenant, agent));

const ends = {
  "a revoked session": ["session_revoked", "UPDATE sessions SET revoked_at = now() WHERE tenant_id = $1"],
  "a session that ran out": [
    "session_revoked",
    "UPDATE sessions SET expires_at = now() - interval '1 second' WHERE tenant_id = $1",
  ],
  "a deactivated member": ["deactivated", "UPDATE memberships SET status = 'deactivated' WHERE tenant_id = $1"],
  "a suspended tenant": ["tenant_suspended", "UPDATE tenants SET status = 'suspended' WHERE id = $1"],
} as const;

test.each(roles)("a session gives a %s exactly the rights of the role", async (role) => {
  const tenant = await app().tenant({ roles: [role] });
  const session = await accessSession(node(), await claimsOf(tenant));
  expect(session.actor).toMatchObject({ kind: "agent", id: tenant.agents[0]!.id, role });
  expect([...session.actor.permissions]).toEqual(builtInRoles[role]);
  const { tenant: where, actor, accessVersion } = session;
  const { sub, tid, sid } = { sub: actor.id, tid: where.id, sid: actor.sessionId };
  expect(await accessAgent(node(), { sub, tid, sid, exp: 0 })).toEqual({ tenant: where, actor, accessVersion });
});

test("a session knows its tenant and the departments of its member", async () => {
  const tenant = await app().tenant({ roles: ["agent", "manager"] });
  const outside = await addAgent(app().superuser, tenant, "agent", { inDepartment: false });

  const session = await accessSession(node(), await claimsOf(tenant));
  expect(session.tenant).toEqual({ id: tenant.id, name: tenant.name, slug: tenant.slug, plan: "enterprise" });
  expect(session.availability).toBe("available");
  expect(session.departments).toEqual([{ id: tenant.departmentId, name: "Support" }]);
  expect((await accessSession(node(), await claimsOf(tenant, outside))).departments).toEqual([]);
});

test("the role of this moment counts, whatever it was when the token was issued", async () => {
  const tenant = await app().tenant({ roles: ["manager"] });
  const claims = await claimsOf(tenant);
  await app().superuser.query("UPDATE memberships SET role = 'read_only' WHERE tenant_id = $1", [tenant.id]);
  expect((await accessSession(node(), claims)).actor.role).toBe("read_only");
});

describe.each(Object.entries(ends))("%s", (_what, [reason, change]) => {
  test(`is refused with ${reason}, and found among the ended`, async () => {
    const tenant = await app().tenant();
    const claims = await claimsOf(tenant);
    await app().superuser.query(change, [tenant.id]);
    const refused = { code: "unauthenticated", details: { reason } };
    await expect(accessSession(node(), claims)).rejects.toMatchObject(refused);
    await expect(accessAgent(node(), claims)).rejects.toMatchObject(refused);
    const place = { tenantId: tenant.id, sessionId: claims.sid, accessVersion: "1.enterprise" };
    expect(await listOutdatedSessions(node(), [place])).toEqual([{ ...place, reason }]);
  });
});

test("a session of another tenant or another person is no session", async () => {
  const [tenant, other] = [await app().tenant({ roles: ["agent", "agent"] }), await app().tenant()];
  const claims = await claimsOf(tenant);
  const refused = { code: "unauthenticated", details: { reason: "session_revoked" } };
  await expect(accessSession(node(), { ...claims, tid: other.id })).rejects.toMatchObject(refused);
  await expect(accessSession(node(), { ...claims, sub: tenant.agents[1]!.id })).rejects.toMatchObject(refused);
  await expect(accessSession(node(), { ...claims, sid: randomUUID() })).rejects.toMatchObject(refused);
});

test("of many sessions of many tenants only the ended are listed, each with its own reason", async () => {
  const tenants = await Promise.all([app().tenant(), app().tenant(), app().tenant()]);
  const places = await Promise.all(
    tenants.map(async (tenant) => ({
      tenantId: tenant.id,
      sessionId: (await claimsOf(tenant)).sid,
      accessVersion: "1.enterprise",
    })),
  );
  await app().superuser.query("UPDATE sessions SET revoked_at = now() WHERE id = $1", [places[1]!.sessionId]);
  await app().superuser.query("UPDATE tenants SET status = 'suspended' WHERE id = $1", [places[2]!.tenantId]);
  const strange = { ...places[0]!, sessionId: randomUUID() };
  const ended = await listOutdatedSessions(node(), [...places, strange, places[1]!]);
  expect(ended).toHaveLength(4);
  expect(ended).toEqual(
    expect.arrayContaining([
      { ...places[1]!, reason: "session_revoked" },
      { ...places[2]!, reason: "tenant_suspended" },
      { ...strange, reason: "session_revoked" },
    ]),
  );
  expect(await listOutdatedSessions(node(), [])).toEqual([]);
  await app().superuser.query("UPDATE memberships SET access_version = 2 WHERE tenant_id = $1", [tenants[0].id]);
  expect(await listOutdatedSessions(node(), [places[0]!])).toEqual([{ ...places[0]!, reason: "access_changed" }]);
});
