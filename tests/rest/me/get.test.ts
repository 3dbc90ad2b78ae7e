import * as v from "valibot";
import { expect, test } from "vitest";
import { Me } from "../../../server/contract/auth-routes.ts";
import { builtInRoles, roles } from "../../../server/contract/permissions.ts";
import { useApp } from "../../support/app.ts";
import { actAs } from "../platform/support.ts";
import { ask, tokenFor } from "../requests.ts";

const app = useApp();

test.each(roles)("a %s learns who they are, where, and what they may do", async (role) => {
  const tenant = await app().tenant({ roles: [role], plan: "pro" });
  const answer = await ask(app().url, "GET", "/me", { token: await tokenFor(app(), tenant) });
  const { id, name, email } = tenant.agents[0]!;
  const here = { id: tenant.id, name: tenant.name, slug: tenant.slug };
  expect([answer.status, answer.body]).toEqual([
    200,
    {
      user: { id, name, email, emailConfirmed: true, secondFactor: false, recoveryCodesLeft: 0 },
      tenant: { ...here, kind: "customer", plan: "pro" },
      tenants: [here],
      role,
      roleName: role,
      permissions: builtInRoles[role],
      departments: [{ id: tenant.departmentId, name: "Support" }],
    },
  ]);
});

test("one of Parley's staff who acts as a member sees who acts, and not where else the member belongs", async () => {
  const [tenant, elsewhere] = [await app().tenant(), await app().tenant()];
  const member = tenant.agents[0]!;
  await app().superuser.query("INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'agent')", [
    elsewhere.id,
    member.id,
  ]);
  const { accessToken: token, staff } = await actAs(app(), tenant, { userId: member.id });
  const me = v.parse(Me, (await ask(app().url, "GET", "/me", { token })).body);
  expect(me.via).toEqual({ kind: "platform", id: staff.member.id, name: "Rosa" });
  expect(me.readOnly).toBe(true);
  expect(me.tenants).toEqual([{ id: tenant.id, name: tenant.name, slug: tenant.slug }]);
});
