import { expect } from "vitest";
import type { Person } from "../../support/people.ts";
import type { TestApp } from "../../support/app.ts";
import type { TestAgent, TestTenant } from "../../support/tenant.ts";

export type Membership = {
  role: string;
  status: string;
  capacity: number;
  active_count: number;
  skills: Record<string, number>;
  access_version: number;
};

export const membershipOf = async (
  { superuser }: TestApp,
  { id }: TestTenant,
  agent: TestAgent,
): Promise<Membership> => {
  const { rows } = await superuser.query<Membership>(
    "SELECT * FROM memberships WHERE tenant_id = $1 AND user_id = $2",
    [id, agent.id],
  );
  return rows[0]!;
};

/** Who of a tenant is an active admin. */
export const adminsOf = async ({ superuser }: TestApp, { id }: TestTenant): Promise<string[]> => {
  const { rows } = await superuser.query<{ user_id: string }>(
    "SELECT user_id FROM memberships WHERE tenant_id = $1 AND role = 'tenant_admin' AND status = 'active'",
    [id],
  );
  return rows.map(({ user_id }) => user_id);
};

/** Has somebody's live socket told that its rights have changed, and come back; answers what it may do then. */
export const comingBack = async (person: Person, change: () => Promise<unknown>): Promise<string[]> => {
  const before = person.readies;
  const ended = person.next<{ reason: string; reconnect: boolean }>("session:ended");
  await change();
  expect(await ended).toEqual({ reason: "access_changed", reconnect: true });
  await person.until(() => person.readies > before, "the socket is back");
  return person.ready!.permissions!;
};
