import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { handlers } from "../../../workers/handlers.ts";
import { useApp } from "../../support/app.ts";
import type { TestTenant } from "../../support/tenant.ts";

const app = useApp();

const write = async (
  { id: tenantId, agents }: TestTenant,
  expires: string,
  revoked: string | null,
): Promise<string> => {
  const id = randomUUID();
  await app().superuser.query(
    `INSERT INTO sessions (tenant_id, id, user_id, refresh_hash, expires_at, revoked_at)
     VALUES ($1, $2, $3, $4, now() + $5::interval, now() + $6::interval)`,
    [tenantId, id, agents[0]!.id, randomUUID(), expires, revoked],
  );
  return id;
};

test("logins that ended more than thirty days ago are forgotten, in every tenant, and no others", async () => {
  const tenants = [await app().tenant(), await app().tenant()];
  const kept: string[] = [];
  for (const tenant of tenants) {
    kept.push(
      await write(tenant, "1 day", null),
      await write(tenant, "-1 day", null),
      await write(tenant, "-29 days", null),
      await write(tenant, "30 days", "-29 days"),
      // Revoked long after it had run out: it ended when it ran out.
      await write(tenant, "-29 days", "-1 day"),
    );
    await write(tenant, "-31 days", null);
    await write(tenant, "30 days", "-31 days");
    await write(tenant, "-31 days", "-1 day");
  }
  const purge = () => handlers["session.purge"](app().app.node);
  // Two workers at once, and once more for good measure.
  await Promise.all([purge(), purge()]);
  await purge();
  const { rows } = await app().superuser.query<{ id: string }>("SELECT id FROM sessions");
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(kept));
});

test("with no tenant there is nothing to do", async () => {
  await app().superuser.query("UPDATE tenants SET status = 'suspended'");
  await expect(handlers["session.purge"](app().app.node)).resolves.toBeUndefined();
  await expect(handlers["routing.sweep"](app().app.node)).resolves.toBeUndefined();
});
