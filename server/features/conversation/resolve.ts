import { and, eq, sql } from "drizzle-orm";
import { conversations } from "../../../db/schema/index.ts";
import { type Ctx, transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { appendActivity } from "../../timeline/append-activity.ts";
import { release } from "../routing/claim.ts";
import { accessConversation, expectVersion } from "./access.ts";
import { announceConversation, presentConversation } from "./present.ts";

type Payload = { conversationId: string; expectedVersion?: number | undefined };

/** Closes a conversation and frees its agent's slot at once. Resolving what is resolved changes nothing. */
export const resolveConversation = (ctx: Ctx, payload: Payload) =>
  transaction(ctx, async (tx) => {
    const conversation = await accessConversation(ctx, tx.db, payload.conversationId);
    if (conversation.status === "archived") throw new Refusal("read_only", "This conversation is archived.");
    if (conversation.status !== "resolved") {
      expectVersion(conversation, payload.expectedVersion);
      await release(ctx, tx, conversation, "resolved");
      await tx.db
        .update(conversations)
        .set({
          status: "resolved",
          resolvedAt: sql`now()`,
          waitingSince: null,
          version: sql`${conversations.version} + 1`,
        })
        .where(and(eq(conversations.tenantId, ctx.tenant.id), eq(conversations.id, conversation.id)));
      await appendActivity(ctx, tx, conversation.id, "public", { type: "resolved" });
      await tx.audit("conversation.resolve", conversation.id, {
        before: { status: conversation.status },
        after: { status: "resolved" },
      });
      await announceConversation(ctx, tx, conversation.id);
      const { status, departmentId } = conversation;
      if (status === "queued" && departmentId)
        tx.afterCommit(() => ctx.node.queueNews.changed(ctx.tenant.id, departmentId));
    }
    return { conversation: await presentConversation(ctx, tx.db, conversation.id) };
  });
