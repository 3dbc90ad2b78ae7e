import { expect, test } from "vitest";
import { builtInRoles, roles } from "../../../server/contract/permissions.ts";
import { useApp } from "../../support/app.ts";
import { ask, tokenFor } from "../requests.ts";

const app = useApp();

test.each(roles)("a %s learns who they are, where, and what they may do", async (role) => {
  const tenant = await app().tenant({ roles: [role] });
  const answer = await ask(app().url, "GET", "/me", { token: await tokenFor(app(), tenant) });
  const { id, name, email } = tenant.agents[0]!;
  expect([answer.status, answer.body]).toEqual([
    200,
    {
      user: { id, name, email },
      tenant: { id: tenant.id, name: tenant.name, slug: tenant.slug },
      role,
      permissions: builtInRoles[role],
    },
  ]);
});
