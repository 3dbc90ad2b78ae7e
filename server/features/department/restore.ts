import { and, eq, sql } from "drizzle-orm";
import { departments } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import type { Department } from "../../contract/department-routes.ts";
import { ensureWithin } from "../usage/ensure-within.ts";
import { noDepartment } from "./access.ts";
import { restoredName } from "./archived-name.ts";
import { changeAccess, listMemberIds, lockMemberships } from "./members.ts";
import { presentDepartment } from "./present.ts";
import { tellPolicy } from "./tell-policy.ts";

/**
 * Brings an archived department back with the members and the policy it had; one that is at work stays as it is. Throws
 * Refusal `not_found`, or `limit_exceeded` over the plan.
 */
export const restoreDepartment = (
  ctx: AgentCtx,
  { departmentId }: { departmentId: string },
): Promise<{ department: Department }> =>
  transaction(ctx, async (tx) => {
    const tenantId = ctx.tenant.id;
    const here = and(eq(departments.tenantId, tenantId), eq(departments.id, departmentId));
    const [seen] = await tx.db.select().from(departments).where(here);
    if (!seen) throw noDepartment();
    if (seen.archivedAt) {
      await ensureWithin(ctx, tx, "departments");
      const members = await listMemberIds(tx.db, tenantId, departmentId);
      await lockMemberships(tx.db, tenantId, members);
      const name = await restoredName(tx.db, tenantId, seen.name);
      const [restored] = await tx.db
        .update(departments)
        .set({ name, archivedAt: null, routingVersion: sql`${departments.routingVersion} + 1` })
        .where(and(here, sql`archived_at IS NOT NULL`))
        .returning({ id: departments.id });
      if (restored) {
        await changeAccess(ctx, tx, members);
        await tx.audit("department.restore", departmentId, { before: { name: seen.name }, after: { name } });
        tellPolicy(ctx, tx, [departmentId]);
      }
    }
    return { department: await presentDepartment(tx.db, tenantId, departmentId) };
  });
