import { sql } from "drizzle-orm";
import { entries } from "../../../db/schema/index.ts";
import { type Ctx, transaction } from "../../context.ts";
import { appendActivity } from "../../timeline/append-activity.ts";
import { type AboutMessage, accessMessage } from "./access.ts";

/** Changes a message's words. Answers with the activity that says so. */
export const editMessage = (ctx: Ctx, payload: AboutMessage & { body: string }) =>
  transaction(ctx, async (tx) => {
    const { audience, where, message } = await accessMessage(ctx, tx, payload, "message.edit_any");
    const [row] = await tx.db
      .update(entries)
      .set({ body: payload.body, editedAt: sql`now()` })
      .where(where)
      .returning({ editedAt: entries.editedAt });
    const entry = await appendActivity(ctx, tx, payload.conversationId, audience, {
      type: "message_edited",
      seq: payload.seq,
      body: payload.body,
      editedAt: row!.editedAt!.toISOString(),
    });
    const { conversationId, seq, body } = payload;
    await tx.audit("message.edit", message.id, {
      before: { body: message.body },
      after: { conversationId, audience, seq, body },
    });
    return { entry };
  });
