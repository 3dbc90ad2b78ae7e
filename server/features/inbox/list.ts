import { sql } from "drizzle-orm";
import type { AgentCtx } from "../../context.ts";
import type { Inbox } from "../../contract/inbox-routes.ts";
import { parseIdCursor } from "../tenant/cursor.ts";
import { isArchived, presentInbox, selectInboxes } from "./present.ts";

type Page = { archived?: boolean | undefined; cursor?: string | undefined; limit?: number | undefined };

/** The workspace's inboxes, the oldest first, a page at a time: those that are open, or those archived. */
export const listInboxes = async (
  ctx: AgentCtx,
  { archived = false, cursor, limit = 50 }: Page,
): Promise<{ data: Inbox[]; nextCursor: string | null }> => {
  const after = parseIdCursor(cursor);
  const where = sql`(${isArchived}) = ${archived} AND ${after ? sql`i.id > ${after}` : sql`true`}`;
  const rows = await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    selectInboxes(db, ctx.tenant.id, where, limit + 1),
  );
  const data = rows.slice(0, limit);
  return { data, nextCursor: rows.length > limit ? data.at(-1)!.id : null };
};

/** Throws Refusal `not_found`. */
export const getInbox = async (ctx: AgentCtx, { inboxId }: { inboxId: string }): Promise<{ inbox: Inbox }> => ({
  inbox: await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) => presentInbox(db, ctx.tenant.id, inboxId)),
});
