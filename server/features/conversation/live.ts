import { sql } from "drizzle-orm";
import { type Ctx, readsConversations } from "../../context.ts";

export type Cursor = { conversationId: string; publicSeq: number; internalSeq?: number };

export type Live = {
  /** The heads of the actor's live conversations. */
  cursors: Cursor[];
  /** How much of them they have not read. */
  unread: number;
  /** On the other side of them: their contacts' ids to an agent, their agents' to a contact. */
  counterparts: string[];
  /** Those of a contact that wait in a queue. */
  waiting: string[];
  /** Whether a contact has ever started a conversation. */
  known: boolean;
};

type Row = {
  conversationId: string;
  publicSeq: number;
  internalSeq: number;
  unread: number;
  status: string;
  contactId: string | null;
  assigneeId: string | null;
};

// A contact rarely has more than one; an agent as many as they hold.
const most = 500;

/** The live conversations of the actor: a contact's own unresolved ones, an agent's assigned ones. */
export const listLive = async (ctx: Ctx): Promise<Live> => {
  const { actor, tenant } = ctx;
  if (!readsConversations(actor)) return { cursors: [], unread: 0, counterparts: [], waiting: [], known: false };
  const own =
    actor.kind === "contact"
      ? sql`contact_id = ${actor.id} AND status NOT IN ('resolved', 'archived')`
      : sql`assignee_id = ${actor.id} AND status IN ('open', 'pending', 'snoozed')`;
  const { rows } = await ctx.node.tenancy.withTenant(tenant.id, (db) =>
    db.execute<{ live: Row[]; known: boolean }>(sql`
      SELECT
        ${actor.kind === "contact"} AND EXISTS (
          SELECT FROM conversations WHERE tenant_id = ${tenant.id} AND contact_id = ${actor.id}
        ) AS known,
        coalesce((
          SELECT json_agg(l) FROM (
            SELECT id AS "conversationId", public_seq AS "publicSeq", internal_seq AS "internalSeq", status,
              contact_id AS "contactId", assignee_id AS "assigneeId",
              count_unread(conversations, ${actor.kind}, ${actor.id}::uuid) AS unread
            FROM conversations WHERE tenant_id = ${tenant.id} AND ${own}
            ORDER BY active_bucket DESC, id DESC LIMIT ${most}
          ) l), '[]') AS live`),
  );
  const { live, known } = rows[0]!;
  return {
    cursors: live.map(({ conversationId, publicSeq, internalSeq }) => ({
      conversationId,
      publicSeq,
      ...(actor.kind === "agent" && { internalSeq }),
    })),
    unread: live.reduce((sum, row) => sum + row.unread, 0),
    counterparts: [
      ...new Set(live.flatMap(({ contactId, assigneeId }) => (actor.kind === "agent" ? contactId : assigneeId) ?? [])),
    ],
    waiting: live.filter(({ status }) => status === "queued").map(({ conversationId }) => conversationId),
    known,
  };
};
