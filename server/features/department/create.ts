import { and, eq, isNull, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { departments } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import type { Department } from "../../contract/department-routes.ts";
import { lockRights } from "../role/rights.ts";
import { ensureWithin } from "../usage/ensure-within.ts";
import { changeMembers, ensureMembers, lockMemberships } from "./members.ts";
import { refuseTakenName } from "./name-taken.ts";
import { checkFallback, checkPolicy, type Policy, settleFallback } from "./policy.ts";
import { presentDepartment } from "./present.ts";

type Wanted = Policy & { name: string; memberIds?: string[] | undefined };

/** Where a new department stands: behind all others. */
const lastPosition = (tenantId: string) =>
  sql<number>`(SELECT coalesce(max(position) + 1, 0) FROM departments WHERE ${and(eq(departments.tenantId, tenantId), isNull(departments.archivedAt))})`;

/**
 * Creates a department with its members. Throws Refusal `limit_exceeded` over the plan, `permission_denied` for members
 * above the actor, `conflict` for a name that is taken or a deactivated member, `not_found` for members, hours and fallbacks there are none of.
 */
export const createDepartment = (
  ctx: AgentCtx,
  { name, memberIds = [], position, ...wanted }: Wanted,
): Promise<{ department: Department }> =>
  transaction(ctx, async (tx) => {
    const [tenantId, id] = [ctx.tenant.id, uuidv7()];
    const policy = settleFallback(wanted);
    checkFallback(policy);
    const rights = await lockRights(ctx, tx, "department.manage");
    await ensureWithin(ctx, tx, "departments");
    const join = [...new Set(memberIds)];
    ensureMembers(rights, await lockMemberships(tx.db, tenantId, join), { join, leave: [] });
    await checkPolicy(ctx, tx, policy, { id, name });
    await refuseTakenName(
      tx.db.insert(departments).values({ tenantId, id, name, position: position ?? lastPosition(tenantId), ...policy }),
      `There is a department called ${name} already. Please choose another name.`,
    );
    await changeMembers(ctx, tx, id, { join, leave: [] });
    await tx.audit("department.create", id, { after: { name, position, ...policy, memberIds: join } });
    return { department: await presentDepartment(tx.db, tenantId, id) };
  });
