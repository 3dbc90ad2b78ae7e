import { and, eq, sql } from "drizzle-orm";
import { conversations } from "../../../db/schema/index.ts";
import { type Ctx, transaction, type Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { contactRoom, timelineRoom } from "../../realtime/rooms.ts";
import { appendActivity } from "../../timeline/append-activity.ts";
import { tryClaim } from "../routing/claim.ts";
import { dispatch } from "../routing/dispatch.ts";
import { accessConversation, type ConversationRow, expectVersion } from "./access.ts";
import { announceConversation, presentConversation } from "./present.ts";

/** Reopens a locked, resolved conversation: to the agent who had it where they can take it, else into the queue. */
export const reopenFor = async (ctx: Ctx, tx: Tx, conversation: ConversationRow): Promise<void> => {
  const { id, assigneeId } = conversation;
  await tx.db
    .update(conversations)
    .set({ status: "queued", assigneeId: null, resolvedAt: null, version: sql`${conversations.version} + 1` })
    .where(and(eq(conversations.tenantId, ctx.tenant.id), eq(conversations.id, id)));
  const { contactId } = conversation;
  // Whoever connected while it was resolved does not follow it yet.
  if (contactId)
    tx.afterCommit(() =>
      ctx.node.publish.move(contactRoom(ctx.tenant.id, contactId), [timelineRoom(ctx.tenant.id, id, "public")]),
    );
  await appendActivity(ctx, tx, id, "public", { type: "reopened" });
  const free = { ...conversation, assigneeId: null };
  if (assigneeId === null || !(await tryClaim(ctx, tx, free, assigneeId, "reopened")))
    tx.afterCommit(() => dispatch(ctx.node, ctx.tenant, id, "reopened"));
};

type Payload = { conversationId: string; expectedVersion?: number | undefined };

/** Opens a resolved conversation again. Reopening what is open changes nothing. */
export const reopenConversation = (ctx: Ctx, payload: Payload) =>
  transaction(ctx, async (tx) => {
    const conversation = await accessConversation(ctx, tx.db, payload.conversationId);
    if (conversation.status === "archived") throw new Refusal("read_only", "This conversation is archived.");
    if (conversation.status === "resolved") {
      expectVersion(conversation, payload.expectedVersion);
      await reopenFor(ctx, tx, conversation);
      await tx.audit("conversation.reopen", conversation.id, {
        before: { status: "resolved" },
        after: { status: "queued" },
      });
      await announceConversation(ctx, tx, conversation.id);
    }
    return { conversation: await presentConversation(ctx, tx.db, conversation.id) };
  });
