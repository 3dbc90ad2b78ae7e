import { v7 as uuidv7 } from "uuid";
import { businessHours } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import type { BusinessHours } from "../../contract/business-hours-routes.ts";
import type { Holiday, WeeklyInterval } from "../../contract/business-hours.ts";
import { refuseTakenName } from "../department/name-taken.ts";
import { presentBusinessHours } from "./present.ts";

type Wanted = { name: string; timeZone: string; intervals: WeeklyInterval[]; holidays?: Holiday[] | undefined };

/** Throws Refusal `conflict` for a name that is taken. */
export const createBusinessHours = (
  ctx: AgentCtx,
  { name, timeZone, intervals, holidays = [] }: Wanted,
): Promise<{ businessHours: BusinessHours }> =>
  transaction(ctx, async (tx) => {
    const [tenantId, id] = [ctx.tenant.id, uuidv7()];
    await refuseTakenName(
      tx.db.insert(businessHours).values({ tenantId, id, name, timeZone, intervals, holidays }),
      `There are business hours called ${name} already. Please choose another name.`,
    );
    await tx.audit("business_hours.create", id, { after: { name, timeZone, intervals, holidays } });
    return { businessHours: await presentBusinessHours(tx.db, tenantId, id) };
  });
