import { and, eq } from "drizzle-orm";
import { businessHours, departments } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { noBusinessHours } from "./present.ts";

/**
 * Deletes business hours nobody keeps. Throws Refusal `not_found`, or `conflict` with `details.departments` while somebody
 * does: without hours these would be open all day and night.
 */
export const deleteBusinessHours = (ctx: AgentCtx, { businessHoursId }: { businessHoursId: string }): Promise<void> =>
  transaction(ctx, async (tx) => {
    const tenantId = ctx.tenant.id;
    const here = and(eq(businessHours.tenantId, tenantId), eq(businessHours.id, businessHoursId));
    // Keeps departments from taking these hours up while it is asked who has.
    const [row] = await tx.db.select().from(businessHours).where(here).for("update");
    if (!row) throw noBusinessHours();
    const using = await tx.db
      .select({ id: departments.id, name: departments.name })
      .from(departments)
      .where(and(eq(departments.tenantId, tenantId), eq(departments.businessHoursId, businessHoursId)))
      .orderBy(departments.position, departments.id);
    if (using.length > 0)
      throw new Refusal(
        "conflict",
        `These business hours are used by ${using.map(({ name }) => name).join(", ")}. Choose others there first.`,
        { departments: using },
      );
    await tx.db.delete(businessHours).where(here);
    const { name, timeZone, intervals, holidays } = row;
    await tx.audit("business_hours.delete", businessHoursId, { before: { name, timeZone, intervals, holidays } });
  });
