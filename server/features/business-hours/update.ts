import { isDeepStrictEqual } from "node:util";
import { and, eq, inArray, sql } from "drizzle-orm";
import { businessHours, departments } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import type { BusinessHours } from "../../contract/business-hours-routes.ts";
import type { Holiday, WeeklyInterval } from "../../contract/business-hours.ts";
import { refuseTakenName } from "../department/name-taken.ts";
import { tellPolicy } from "../department/tell-policy.ts";
import { noBusinessHours, presentBusinessHours } from "./present.ts";

type Changes = {
  businessHoursId: string;
  name?: string | undefined;
  timeZone?: string | undefined;
  intervals?: WeeklyInterval[] | undefined;
  holidays?: Holiday[] | undefined;
};

const changeable = ["name", "timeZone", "intervals", "holidays"] as const;

/**
 * Changes what is named. The departments that keep these hours have another policy from then on, and what waits there is
 * looked at again: they may have opened. Throws Refusal `not_found`, or `conflict` for a name that is taken.
 */
export const updateBusinessHours = (
  ctx: AgentCtx,
  { businessHoursId, ...wanted }: Changes,
): Promise<{ businessHours: BusinessHours }> =>
  transaction(ctx, async (tx) => {
    const tenantId = ctx.tenant.id;
    const here = and(eq(businessHours.tenantId, tenantId), eq(businessHours.id, businessHoursId));
    // Departments come first in the order of locks. One that takes these hours up meanwhile gets them as they will be.
    const using = await tx.db
      .select({ id: departments.id })
      .from(departments)
      .where(and(eq(departments.tenantId, tenantId), eq(departments.businessHoursId, businessHoursId)))
      .orderBy(departments.id)
      .for("no key update");
    const [before] = await tx.db.select().from(businessHours).where(here).for("no key update");
    if (!before) throw noBusinessHours();
    const changed = changeable.filter(
      (field) => wanted[field] !== undefined && !isDeepStrictEqual(wanted[field], before[field]),
    );
    if (changed.length > 0) {
      const only = (row: Partial<typeof before>) => Object.fromEntries(changed.map((field) => [field, row[field]]));
      await refuseTakenName(
        tx.db.update(businessHours).set(only(wanted)).where(here),
        `There are business hours called ${wanted.name} already. Please choose another name.`,
      );
      await tx.audit("business_hours.update", businessHoursId, { before: only(before), after: only(wanted) });
    }
    if (changed.some((field) => field !== "name") && using.length > 0) {
      const ids = using.map(({ id }) => id);
      await tx.db
        .update(departments)
        .set({ routingVersion: sql`${departments.routingVersion} + 1` })
        .where(and(eq(departments.tenantId, tenantId), inArray(departments.id, ids)));
      tellPolicy(ctx, tx, ids);
    }
    return { businessHours: await presentBusinessHours(tx.db, tenantId, businessHoursId) };
  });
