import { sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";

export type Cursor = { conversationId: string; publicSeq: number; internalSeq?: number };

// A contact rarely has more than one; an agent as many as they hold.
const most = 500;

/**
 * The heads of the actor's live conversations and how much they have not read: a contact's own unresolved ones, an
 * agent's assigned ones.
 */
export const listLive = async (ctx: Ctx): Promise<{ cursors: Cursor[]; unread: number }> => {
  const { actor, tenant } = ctx;
  const own =
    actor.kind === "contact"
      ? sql`contact_id = ${actor.id} AND status NOT IN ('resolved', 'archived')`
      : sql`assignee_id = ${actor.id} AND status IN ('open', 'pending', 'snoozed')`;
  const { rows } = await ctx.node.tenancy.withTenant(tenant.id, (db) =>
    db.execute<{ conversationId: string; publicSeq: number; internalSeq: number; unread: number }>(sql`
      SELECT id AS "conversationId", public_seq AS "publicSeq", internal_seq AS "internalSeq",
        count_unread(conversations, ${actor.kind}, ${actor.id}::uuid) AS unread
      FROM conversations WHERE tenant_id = ${tenant.id} AND ${own}
      ORDER BY active_bucket DESC, id DESC LIMIT ${most}`),
  );
  return {
    cursors: rows.map(({ conversationId, publicSeq, internalSeq }) => ({
      conversationId,
      publicSeq,
      ...(actor.kind === "agent" && { internalSeq }),
    })),
    unread: rows.reduce((sum, row) => sum + row.unread, 0),
  };
};
