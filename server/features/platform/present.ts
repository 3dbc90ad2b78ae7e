import { sql } from "drizzle-orm";
import type { TenantOverview } from "../../../db/directory.ts";
import type { Db } from "../../../db/client.ts";
import type { PlatformTenant } from "../../contract/platform-routes.ts";

/** A workspace as Parley's staff see it. */
export const presentOverview = (row: TenantOverview): PlatformTenant =>
  ({
    id: row.id,
    slug: row.slug,
    name: row.name,
    status: row.status,
    suspendedAt: row.suspendedAt?.toISOString() ?? null,
    suspendReason: row.suspendReason,
    plan: row.plan,
    subscriptionStatus: row.subscriptionStatus,
    trialEndsAt: row.trialEndsAt?.toISOString() ?? null,
    agents: row.agents,
    createdAt: row.createdAt.toISOString(),
  }) as PlatformTenant;

/** The same of one workspace, as it stands within the transaction at hand. */
export const presentPlatformTenant = async (db: Db, tenantId: string): Promise<PlatformTenant> => {
  const { rows } = await db.execute<PlatformTenant>(sql`
    SELECT id, slug, name, status, wire_time(suspended_at) AS "suspendedAt", suspend_reason AS "suspendReason", plan,
      subscription_status AS "subscriptionStatus", wire_time(trial_ends_at) AS "trialEndsAt",
      (SELECT count(*)::integer FROM memberships m WHERE m.tenant_id = t.id AND m.status = 'active') AS agents,
      wire_time(created_at) AS "createdAt"
    FROM tenants t WHERE id = ${tenantId}`);
  return rows[0]!;
};
