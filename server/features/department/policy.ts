import { and, eq, sql } from "drizzle-orm";
import { businessHours } from "../../../db/schema/index.ts";
import type { AnyCtx, Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { OfflineBehaviour, SkillRule, Stickiness, Strategy } from "../../contract/routing.ts";
import { noBusinessHours } from "../business-hours/present.ts";
import { ensureSize } from "../usage/ensure-within.ts";
import { type DepartmentRow, ensureDepartment } from "./access.ts";

/** How a department shares out its conversations, as far as it is told. */
export type Policy = {
  position?: number | undefined;
  strategy?: Strategy | undefined;
  sticky?: Stickiness | undefined;
  capacityPerAgent?: number | null | undefined;
  offerSeconds?: number | null | undefined;
  skills?: SkillRule[] | undefined;
  businessHoursId?: string | null | undefined;
  offlineBehaviour?: OfflineBehaviour | undefined;
  fallbackDepartmentId?: string | null | undefined;
  fallbackAfterSeconds?: number | null | undefined;
};

export const policyFields = [
  "position",
  "strategy",
  "sticky",
  "capacityPerAgent",
  "offerSeconds",
  "skills",
  "businessHoursId",
  "offlineBehaviour",
  "fallbackDepartmentId",
  "fallbackAfterSeconds",
] as const satisfies (keyof DepartmentRow)[];

/** The fallbacks that a conversation would go through from `first` on, in their order; a few rounds of a circle at most. */
const fallbacksFrom = async (ctx: AnyCtx, tx: Tx, first: string): Promise<{ id: string; name: string }[]> => {
  const { rows } = await tx.db.execute<{ id: string; name: string }>(sql`
    WITH RECURSIVE way AS (
      SELECT id, name, fallback_department_id AS next, 1 AS step FROM departments
      WHERE tenant_id = ${ctx.tenant.id} AND id = ${first}
      UNION ALL
      SELECT d.id, d.name, d.fallback_department_id, way.step + 1 FROM way
      JOIN departments d ON d.tenant_id = ${ctx.tenant.id} AND d.id = way.next
    ) CYCLE id SET is_cycle USING path
    SELECT id, name FROM way WHERE NOT is_cycle ORDER BY step`);
  return rows;
};

/**
 * Refuses what a department can't be told: an agent's share past the plan (`limit_exceeded`), hours and fallbacks there are
 * none of (`not_found`), fallbacks that end where they began (`conflict`). The tenant's row must be locked, so that
 * no two changes at once close a circle.
 */
export const checkPolicy = async (
  ctx: AnyCtx,
  tx: Tx,
  wanted: Policy,
  department: { id: string; name: string },
): Promise<void> => {
  if (typeof wanted.capacityPerAgent === "number")
    await ensureSize(ctx, tx, "openConversationsPerAgent", wanted.capacityPerAgent);
  if (typeof wanted.businessHoursId === "string") {
    const [found] = await tx.db
      .select({ id: businessHours.id })
      .from(businessHours)
      .where(and(eq(businessHours.tenantId, ctx.tenant.id), eq(businessHours.id, wanted.businessHoursId)))
      .for("key share");
    if (!found) throw noBusinessHours();
  }
  if (typeof wanted.fallbackDepartmentId === "string") {
    await ensureDepartment(tx.db, ctx.tenant.id, wanted.fallbackDepartmentId);
    const way = await fallbacksFrom(ctx, tx, wanted.fallbackDepartmentId);
    const back = way.findIndex(({ id }) => id === department.id);
    if (back >= 0) {
      const names = [department, ...way.slice(0, back), department].map(({ name }) => name).join(" → ");
      throw new Refusal("conflict", `These fallbacks would go round in a circle: ${names}. Choose another one.`, {
        field: "fallbackDepartmentId",
      });
    }
  }
};

// Long enough for somebody to come back to their desk, short enough for a visitor to be still there.
const usualFallbackSeconds = 300;

/** A fallback that is named without a time gets the usual one; without a fallback there is no time. */
export const settleFallback = <P extends Policy>(wanted: P, before?: DepartmentRow): P => {
  if (wanted.fallbackAfterSeconds !== undefined || wanted.fallbackDepartmentId === undefined) return wanted;
  if (wanted.fallbackDepartmentId === null) return { ...wanted, fallbackAfterSeconds: null };
  const known = before?.fallbackDepartmentId ? before.fallbackAfterSeconds : usualFallbackSeconds;
  return { ...wanted, fallbackAfterSeconds: known };
};

/** Refuses times for a fallback that is none. Throws Refusal `invalid_payload`. */
export const checkFallback = (policy: Pick<Policy, "fallbackDepartmentId" | "fallbackAfterSeconds">): void => {
  if (typeof policy.fallbackAfterSeconds === "number" && !policy.fallbackDepartmentId)
    throw new Refusal("invalid_payload", "body.fallbackAfterSeconds: needs a fallbackDepartmentId to fall back to");
};
