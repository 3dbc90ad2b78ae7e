import type { Tenant } from "../../contract/workspace-routes.ts";
import type { TenantRow } from "./access.ts";

/** A workspace as its own members see it. */
export const presentTenant = (row: TenantRow): Tenant => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  plan: row.plan,
  subscriptionStatus: row.subscriptionStatus,
  trialEndsAt: row.trialEndsAt?.toISOString() ?? null,
  timeZone: row.timeZone,
  allowedOrigins: row.allowedOrigins,
  createdAt: row.createdAt.toISOString(),
});
