import { sql } from "drizzle-orm";
import type { AgentCtx } from "../../context.ts";
import type { Impersonation } from "../../contract/platform-routes.ts";
import { ensureStaff } from "../platform/access.ts";
import { parseIdCursor } from "../tenant/cursor.ts";
import { listRecorded, mayRun, withEnds } from "./access.ts";

type Page = {
  active?: boolean | undefined;
  tenantId?: string | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
};
const defaultLimit = 30;

/** Who acted as whom, where and why, the latest first. `active`: only, or only not, what is still under way. */
export const listImpersonations = async (
  ctx: AgentCtx,
  { active, tenantId, cursor, limit = defaultLimit }: Page,
): Promise<{ data: Impersonation[]; nextCursor: string | null }> => {
  await ensureStaff(ctx);
  const after = parseIdCursor(cursor);
  const conditions = [
    sql`true`,
    ...(active === true ? [mayRun] : []),
    ...(tenantId === undefined ? [] : [sql`e.after->>'tenantId' = ${tenantId}`]),
    ...(after === undefined ? [] : [sql`e.id < ${after}::uuid`]),
  ];
  const recorded = await listRecorded(ctx, sql.join(conditions, sql` AND `), limit + 1);
  const page = recorded.slice(0, limit);
  const all = await withEnds(ctx.node, page);
  return {
    data: active === undefined ? all : all.filter(({ endedAt }) => (endedAt === null) === active),
    nextCursor: recorded.length > limit ? page.at(-1)!.cursor : null,
  };
};
