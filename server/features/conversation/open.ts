import { sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import { type Audience, type Conversation, type Entry, limits, type Receipt } from "../../contract/entities.ts";
import { timelineRoom } from "../../realtime/rooms.ts";
import { ensureVisible } from "./access.ts";
import { presentConversation } from "./present.ts";

const defaultLimit = 50;

/** The rooms of the timelines an actor may follow. */
export const timelineRooms = (ctx: Pick<Ctx, "tenant" | "actor">, conversationId: string): string[] => [
  timelineRoom(ctx.tenant.id, conversationId, "public"),
  ...(ctx.actor.kind === "agent" ? [timelineRoom(ctx.tenant.id, conversationId, "internal")] : []),
];

/**
 * The conversation with its newest entries of each timeline, at least the last, and everyone's receipts. `subscribe` joins the socket to the
 * timelines after access is certain and before the entries are read, so nothing falls in between.
 */
export const openConversation = (
  ctx: Ctx,
  { conversationId, limit = defaultLimit }: { conversationId: string; limit?: number | undefined },
  subscribe: (rooms: string[]) => void = () => {},
): Promise<{ conversation: Conversation; entries: Entry[]; receipts: Receipt[] }> =>
  ctx.node.tenancy.readTenant(ctx.tenant.id, ctx.actor.kind, async (db) => {
    await ensureVisible(ctx, db, conversationId);
    subscribe(timelineRooms(ctx, conversationId));
    const readable: Audience[] = ctx.actor.kind === "agent" ? ["public", "internal"] : ["public"];
    const room = Math.floor(limits.answerBytes / readable.length);
    const pages = readable.map(
      (audience) =>
        sql`newest_entries(${ctx.tenant.id}, ${conversationId}, ${audience}, ${limits.lastSeq + 1}, ${limit}, ${room})`,
    );
    const conversation = await presentConversation(ctx, db, conversationId);
    const { rows } = await db.execute<{ pages: Entry[][]; receipts: Receipt[] }>(sql`
      SELECT
        json_build_array(${sql.join(pages, sql`, `)}) AS pages,
        coalesce((
          SELECT json_agg(json_build_object('audience', audience, 'actor', json_build_object('kind', actor_kind, 'id', actor_id),
            'deliveredSeq', delivered_seq, 'readSeq', read_seq) ORDER BY actor_id, audience)
          FROM receipts WHERE tenant_id = ${ctx.tenant.id} AND conversation_id = ${conversationId}
            AND audience = ANY(${sql.param(readable)}::text[])), '[]') AS receipts`);
    const { pages: read, receipts } = rows[0]!;
    return { conversation, entries: read.flat(), receipts };
  });
