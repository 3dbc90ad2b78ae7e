import { isDeepStrictEqual } from "node:util";
import { and, eq } from "drizzle-orm";
import { departments } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction, type Tx } from "../../context.ts";
import type { Department } from "../../contract/department-routes.ts";
import { ensureMayGive, lockRights } from "../role/rights.ts";
import { type DepartmentRow, lockDepartment, raiseVersion } from "./access.ts";
import { changeMembers, ensureMembers, listMemberIds, lockMemberships } from "./members.ts";
import { refuseTakenName } from "./name-taken.ts";
import { checkFallback, checkPolicy, type Policy, policyFields, settleFallback } from "./policy.ts";
import { presentDepartment } from "./present.ts";
import { tellPolicy } from "./tell-policy.ts";
import { lockOffered, withdrawOffers } from "./withdraw-offers.ts";

type Changes = Policy & { departmentId: string; name?: string | undefined; memberIds?: string[] | undefined };

/** Writes those of `wanted` that differ and says which these are. */
const writeChanges = async (ctx: AgentCtx, tx: Tx, before: DepartmentRow, wanted: Policy & { name?: string }) => {
  const changed = (["name", ...policyFields] as const).filter(
    (field) => wanted[field] !== undefined && !isDeepStrictEqual(wanted[field], before[field]),
  );
  if (changed.length === 0) return changed;
  const values = Object.fromEntries(changed.map((field) => [field, wanted[field]]));
  await refuseTakenName(
    tx.db
      .update(departments)
      .set(values)
      .where(and(eq(departments.tenantId, ctx.tenant.id), eq(departments.id, before.id))),
    `There is a department called ${wanted.name} already. Please choose another name.`,
  );
  return changed;
};

/**
 * Changes what is named; `memberIds` says who belongs to it as a whole. What waits there is routed by the new policy at once;
 * what an agent holds stays theirs. Throws Refusal as creating does, `not_found`, and `conflict` for one that is archived.
 */
export const updateDepartment = (
  ctx: AgentCtx,
  { departmentId, memberIds, ...changes }: Changes,
): Promise<{ department: Department }> =>
  transaction(ctx, async (tx) => {
    const tenantId = ctx.tenant.id;
    // One change of settings at a time: circles of fallbacks are seen, and nobody's members are lost.
    const rights = await lockRights(ctx, tx, "department.manage");
    const members = await listMemberIds(tx.db, tenantId, departmentId);
    const join = [...new Set(memberIds)].filter((id) => !members.includes(id));
    const leave = memberIds ? members.filter((id) => !memberIds.includes(id)) : [];
    const offered = await lockOffered(ctx, tx, departmentId, leave);
    const known = await lockMemberships(tx.db, tenantId, [...join, ...leave]);
    const before = await lockDepartment(tx.db, tenantId, departmentId);
    ensureMembers(rights, known, { join, leave });
    ensureMayGive(rights, { departmentIds: join.length > 0 ? [departmentId] : [] });
    const wanted = settleFallback(changes, before);
    checkFallback({ ...before, ...wanted });
    await checkPolicy(ctx, tx, wanted, before);
    const changed = await writeChanges(ctx, tx, before, wanted);
    await withdrawOffers(ctx, tx, offered, leave);
    await changeMembers(ctx, tx, departmentId, { join, leave });
    const moved = join.length + leave.length > 0;
    if (moved || changed.some((field) => field !== "name")) await raiseVersion(tx.db, tenantId, departmentId);
    if (changed.length > 0 || moved) {
      const only = (row: Partial<DepartmentRow>) => Object.fromEntries(changed.map((field) => [field, row[field]]));
      await tx.audit("department.update", departmentId, {
        before: { ...only(before), ...(moved && { memberIds: members }) },
        after: { ...only(wanted), ...(moved && { memberIds: [...new Set(memberIds)].toSorted() }) },
      });
      tellPolicy(ctx, tx, [departmentId]);
    }
    return { department: await presentDepartment(tx.db, tenantId, departmentId) };
  });
