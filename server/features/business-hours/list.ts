import { sql } from "drizzle-orm";
import type { AgentCtx } from "../../context.ts";
import type { BusinessHours } from "../../contract/business-hours-routes.ts";
import { parseIdCursor } from "../tenant/cursor.ts";
import { presentBusinessHours, selectBusinessHours } from "./present.ts";

type Page = { cursor?: string | undefined; limit?: number | undefined };

/** The workspace's business hours, the oldest first, a page at a time. */
export const listBusinessHours = async (
  ctx: AgentCtx,
  { cursor, limit = 50 }: Page,
): Promise<{ data: BusinessHours[]; nextCursor: string | null }> => {
  const after = parseIdCursor(cursor);
  const rows = await ctx.node.tenancy.readTenant(ctx.tenant.id, "agent", (db) =>
    selectBusinessHours(db, ctx.tenant.id, after ? sql`b.id > ${after}` : sql`true`, limit + 1),
  );
  const data = rows.slice(0, limit);
  return { data, nextCursor: rows.length > limit ? data.at(-1)!.id : null };
};

/** Throws Refusal `not_found`. */
export const getBusinessHours = async (
  ctx: AgentCtx,
  { businessHoursId }: { businessHoursId: string },
): Promise<{ businessHours: BusinessHours }> => ({
  businessHours: await ctx.node.tenancy.readTenant(ctx.tenant.id, "agent", (db) =>
    presentBusinessHours(db, ctx.tenant.id, businessHoursId),
  ),
});
