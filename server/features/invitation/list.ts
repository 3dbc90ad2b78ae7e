import { sql } from "drizzle-orm";
import type { AgentCtx } from "../../context.ts";
import type { Invitation } from "../../contract/people-routes.ts";
import { parseIdCursor } from "../tenant/cursor.ts";
import { invitationStatus, presentedInvitation } from "./present.ts";

type Query = { status?: Invitation["status"] | undefined; cursor?: string | undefined; limit?: number | undefined };

const defaultLimit = 50;

/** The tenant's invitations, the newest first, a page at a time. */
export const listInvitations = async (
  ctx: AgentCtx,
  { status, cursor, limit = defaultLimit }: Query,
): Promise<{ data: Invitation[]; nextCursor: string | null }> => {
  const before = parseIdCursor(cursor);
  const conditions = [sql`i.tenant_id = ${ctx.tenant.id}`];
  if (status) conditions.push(sql`${invitationStatus} = ${status}`);
  // Ids grow with time.
  if (before) conditions.push(sql`i.id < ${before}`);
  const { rows } = await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    db.execute<Invitation>(sql`
      ${presentedInvitation} WHERE ${sql.join(conditions, sql` AND `)} ORDER BY i.id DESC LIMIT ${limit + 1}`),
  );
  const data = rows.slice(0, limit);
  return { data, nextCursor: rows.length > limit ? data.at(-1)!.id : null };
};
