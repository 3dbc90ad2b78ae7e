import { sql } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import { type Audience, type Entry, limits } from "../../contract/entities.ts";
import { ensureVisible, notFound } from "./access.ts";

const defaultLimit = 50;

/** Up to `limit` entries of a timeline just before `beforeSeq`, oldest first; fewer where they are long. */
export const historyOfConversation = (
  ctx: Ctx,
  payload: { conversationId: string; audience: Audience; beforeSeq: number; limit?: number | undefined },
): Promise<{ entries: Entry[] }> =>
  ctx.node.tenancy.readTenant(ctx.tenant.id, ctx.actor.kind, async (db) => {
    const { conversationId, audience, beforeSeq, limit = defaultLimit } = payload;
    await ensureVisible(ctx, db, conversationId);
    // To a contact the internal timeline does not exist.
    if (audience === "internal" && ctx.actor.kind === "contact") throw notFound();
    const { rows } = await db.execute<{ entries: Entry[] }>(sql`
      SELECT newest_entries(${ctx.tenant.id}, ${conversationId}, ${audience}, ${beforeSeq}, ${limit}, ${limits.answerBytes})
        AS entries`);
    return { entries: rows[0]!.entries };
  });
