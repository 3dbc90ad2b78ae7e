import { eq, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { tenants } from "../../../db/schema/index.ts";
import { Refusal } from "../../contract/errors.ts";
import type { PlanName, SubscriptionStatus } from "../../contract/plans.ts";

/** A tenant's row, with the words its checks allow. */
export type TenantRow = Omit<typeof tenants.$inferSelect, "plan" | "subscriptionStatus"> & {
  plan: PlanName;
  subscriptionStatus: SubscriptionStatus;
};

export const noTenant = () => new Refusal("not_found", "There is no such workspace.");

/** The tenant's row, or `not_found`. `lock` keeps it as it is until the transaction ends; it is the first lock of all. */
export const accessTenant = async (db: Db, tenantId: string, { lock }: { lock: boolean }): Promise<TenantRow> => {
  const query = db.select().from(tenants).where(eq(tenants.id, tenantId));
  const [row] = await (lock ? query.for("no key update") : query);
  if (!row) throw noTenant();
  return row as TenantRow;
};

export type Admin = { id: string; name: string; email: string };

/** The tenant's active admins, the one who has been there longest first. */
export const listAdmins = async (db: Db, tenantId: string): Promise<Admin[]> => {
  const { rows } = await db.execute<Admin>(sql`
    SELECT u.id, u.name, u.email FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE m.tenant_id = ${tenantId} AND m.role = 'tenant_admin' AND m.status = 'active'
    ORDER BY m.created_at, u.id LIMIT 50`);
  return rows;
};
