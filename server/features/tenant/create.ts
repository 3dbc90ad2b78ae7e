import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Db } from "../../../db/client.ts";
import {
  departmentMembers,
  departments,
  inboxes,
  inboxKeys,
  memberships,
  roles,
  subscriptionEvents,
  tenants,
} from "../../../db/schema/index.ts";
import { builtInRoleNames, roles as roleKeys } from "../../contract/permissions.ts";
import type { PlanName } from "../../contract/plans.ts";
import { claimSlug } from "./slug.ts";

export type NewWorkspace = {
  id: string;
  slug: string;
  name: string;
  plan: PlanName;
  /** Days of trial; absent: the plan is active at once. */
  trialDays?: number | undefined;
  timeZone?: string | undefined;
  /** A login that stands already, or was written by the same transaction. */
  ownerId: string;
  /** Who makes it, for the history of the subscription. */
  by: { kind: string; id?: string | undefined };
};

/** A department everybody can be reached at and an inbox for the website, so that chatting works from the first minute. */
const furnish = async (db: Db, { id: tenantId, ownerId }: NewWorkspace) => {
  const [departmentId, inboxId, key] = [uuidv7(), uuidv7(), randomBytes(12).toString("hex")];
  await db.insert(departments).values({ tenantId, id: departmentId, name: "Support" });
  await db.insert(departmentMembers).values({ tenantId, departmentId, userId: ownerId });
  const identitySecrets = [randomBytes(32).toString("base64url")];
  await db.insert(inboxes).values({ tenantId, id: inboxId, key, name: "Website", identitySecrets, departmentId });
  await db.insert(inboxKeys).values({ key, tenantId, inboxId });
};

/**
 * Writes a workspace with its built-in roles, its owner as admin, a department, an inbox and the first line of its
 * subscription's history. `db` is a transaction of the new tenant's id. Throws Refusal `conflict` for a short name that is taken.
 */
export const insertWorkspace = async (db: Db, workspace: NewWorkspace): Promise<void> => {
  const { id, slug, name, plan, trialDays, timeZone, ownerId, by } = workspace;
  const status = trialDays === undefined ? "active" : "trialing";
  await claimSlug(slug, () =>
    db.insert(tenants).values({
      id,
      slug,
      name,
      plan,
      subscriptionStatus: status,
      ...(trialDays !== undefined && { trialEndsAt: sql`now() + make_interval(days => ${trialDays})` }),
      ...(timeZone !== undefined && { timeZone }),
    }),
  );
  await db
    .insert(roles)
    .values(roleKeys.map((key) => ({ tenantId: id, key, name: builtInRoleNames[key], builtIn: true })));
  // Away, as everybody begins: who looks around is not to be given conversations.
  await db.insert(memberships).values({ tenantId: id, userId: ownerId, role: "tenant_admin", availability: "away" });
  await furnish(db, workspace);
  await db
    .insert(subscriptionEvents)
    .values({ tenantId: id, id: uuidv7(), plan, status, actorKind: by.kind, actorId: by.id, reason: "created" });
};
