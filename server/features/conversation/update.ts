import { and, eq, sql } from "drizzle-orm";
import { contacts, conversations, memberships } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction, type Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { presentBucket } from "../../timeline/append-activity.ts";
import { accessConversation, type ConversationRow, expectVersion } from "./access.ts";
import { presentCare } from "./owner.ts";
import { announceConversation, presentConversation } from "./present.ts";

type Payload = {
  conversationId: string;
  priority?: number | undefined;
  ownerId?: string | null | undefined;
  expectedVersion?: number | undefined;
};

/** Names the agent who looks after the contact, or nobody. Throws `not_found` for who is no active member. */
const setOwner = async ({ tenant }: AgentCtx, tx: Tx, { contactId }: ConversationRow, ownerId: string | null) => {
  if (contactId === null) throw new Refusal("invalid_payload", "ownerId: nobody from outside takes part here.");
  if (ownerId !== null) {
    const [owner] = await tx.db
      .select({ status: memberships.status })
      .from(memberships)
      .where(and(eq(memberships.tenantId, tenant.id), eq(memberships.userId, ownerId)));
    if (owner?.status !== "active") throw new Refusal("not_found", "There is no such agent.");
  }
  const own = and(eq(contacts.tenantId, tenant.id), eq(contacts.id, contactId));
  const [before] = await tx.db.select({ ownerId: contacts.ownerId }).from(contacts).where(own).for("no key update");
  if (before!.ownerId !== ownerId) await tx.db.update(contacts).set({ ownerId }).where(own);
  return before!.ownerId;
};

/**
 * Changes how urgent a conversation is, the queue's first order, and who its contact's owner is, whom departments that keep
 * to owners ask first. What is as it should be already changes nothing.
 */
export const updateConversation = (ctx: AgentCtx, payload: Payload) =>
  transaction(ctx, async (tx) => {
    const { conversationId, priority, ownerId, expectedVersion } = payload;
    const conversation = await accessConversation(ctx, tx.db, conversationId);
    if (conversation.status === "archived") throw new Refusal("read_only", "This conversation is archived.");
    expectVersion(conversation, expectedVersion);
    const before: { priority?: number; ownerId?: string | null | undefined } = {};
    const after: typeof before = {};
    const previousOwner = ownerId === undefined ? undefined : await setOwner(ctx, tx, conversation, ownerId);
    if (previousOwner !== ownerId) {
      before.ownerId = previousOwner;
      after.ownerId = ownerId;
    }
    if (priority !== undefined && priority !== conversation.priority) {
      before.priority = conversation.priority;
      after.priority = priority;
    }
    if (Object.keys(after).length > 0) {
      // A change of owner counts as well: screens that show the owner ask again at a new version.
      await tx.db
        .update(conversations)
        .set({
          ...(after.priority !== undefined && { priority: after.priority }),
          version: sql`${conversations.version} + 1`,
          updatedAt: sql`now()`,
          activeBucket: presentBucket,
        })
        .where(and(eq(conversations.tenantId, ctx.tenant.id), eq(conversations.id, conversationId)));
      await announceConversation(ctx, tx, conversationId);
      await tx.audit("conversation.update", conversationId, { before, after });
    }
    const { departmentId, status } = conversation;
    if (after.priority !== undefined && departmentId && status === "queued")
      tx.afterCommit(() => ctx.node.queueNews.changed(ctx.tenant.id, departmentId));
    return {
      conversation: await presentConversation(ctx, tx.db, conversationId),
      ...(await presentCare(ctx, tx.db, conversationId)),
    };
  });
