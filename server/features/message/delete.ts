import { sql } from "drizzle-orm";
import { entries } from "../../../db/schema/index.ts";
import { type Ctx, transaction } from "../../context.ts";
import { appendActivity } from "../../timeline/append-activity.ts";
import { announceConversation } from "../conversation/present.ts";
import { type AboutMessage, accessMessage } from "./access.ts";

/**
 * Takes a message's words out of the conversation for good; its place in the timeline stays. The audit log alone keeps what
 * was there, for who may read every conversation. Answers with the activity that says so.
 */
export const deleteMessage = (ctx: Ctx, payload: AboutMessage) =>
  transaction(ctx, async (tx) => {
    const { audience, where, message } = await accessMessage(ctx, tx, payload, "message.delete_any");
    const [row] = await tx.db
      .update(entries)
      .set({ body: null, deletedAt: sql`now()` })
      .where(where)
      .returning({ deletedAt: entries.deletedAt });
    // The words must not live on in the activities that once changed them; clients that hold those blank them alike.
    await tx.db.execute(sql`
      UPDATE entries SET activity = jsonb_set(activity, '{body}', '""')
      WHERE tenant_id = ${ctx.tenant.id} AND conversation_id = ${payload.conversationId} AND audience = ${audience}
        AND kind = 'activity' AND activity->>'type' = 'message_edited' AND (activity->>'seq')::integer = ${payload.seq}`);
    const entry = await appendActivity(ctx, tx, payload.conversationId, audience, {
      type: "message_deleted",
      seq: payload.seq,
      deletedAt: row!.deletedAt!.toISOString(),
    });
    const { conversationId, seq } = payload;
    await tx.audit("message.delete", message.id, {
      before: { body: message.body },
      after: { conversationId, audience, seq },
    });
    await announceConversation(ctx, tx, payload.conversationId);
    return { entry };
  });
