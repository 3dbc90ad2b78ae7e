import { and, eq, sql } from "drizzle-orm";
import { conversations } from "../../../db/schema/index.ts";
import { type AgentCtx, seesAll, transaction, type Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { agentRoom } from "../../realtime/rooms.ts";
import { appendActivity } from "../../timeline/append-activity.ts";
import { appendMessageIn } from "../../timeline/append-activity.ts";
import { claim, release } from "../routing/claim.ts";
import { accessConversation, type ConversationRow, expectVersion } from "./access.ts";
import { announceConversation, presentConversation, presentForAgent } from "./present.ts";

type Payload = {
  conversationId: string;
  agentId?: string | null | undefined;
  note?: string | undefined;
  expectedVersion?: number | undefined;
};

const unassign = async (ctx: AgentCtx, tx: Tx, conversation: ConversationRow): Promise<void> => {
  await release(ctx, tx, conversation, "unassigned");
  await tx.db
    .update(conversations)
    .set({ assigneeId: null, status: "queued", version: sql`${conversations.version} + 1` })
    .where(and(eq(conversations.tenantId, ctx.tenant.id), eq(conversations.id, conversation.id)));
  await appendActivity(ctx, tx, conversation.id, "public", {
    type: "unassigned",
    ...(conversation.assigneeId && { previousAgentId: conversation.assigneeId }),
  });
};

/** Refuses what is no longer there to be taken, with who has it. */
const ensureFree = (ctx: AgentCtx, conversation: ConversationRow, payload: Payload, agentId: string | null): void => {
  expectVersion(conversation, payload.expectedVersion);
  if (conversation.status === "resolved" || conversation.status === "archived")
    throw new Refusal("conflict", "The conversation is not open. Reopen it first.", { status: conversation.status });
  // Two who reach for the same conversation: the second is told, and may take over by naming the version they see.
  const taking = agentId === ctx.actor.id && payload.expectedVersion === undefined;
  if (taking && conversation.assigneeId !== null && conversation.assigneeId !== agentId)
    throw new Refusal("conflict", "Somebody else has taken this conversation.", {
      conversationId: conversation.id,
      assigneeId: conversation.assigneeId,
      version: conversation.version,
    });
};

/**
 * Takes a conversation, gives it to a colleague, or with `agentId: null` puts it back into the queue. Of any number of
 * agents who take the same conversation at once exactly one succeeds; the others get `conflict` and the present holder.
 */
export const assignConversation = (ctx: AgentCtx, payload: Payload) =>
  transaction(ctx, async (tx) => {
    const { conversationId, note } = payload;
    const agentId = payload.agentId === undefined ? ctx.actor.id : payload.agentId;
    const conversation = await accessConversation(ctx, tx.db, conversationId);
    ensureFree(ctx, conversation, payload, agentId);
    const changes = conversation.assigneeId !== agentId;
    if (changes) {
      const trigger = agentId === ctx.actor.id ? "claimed" : "assigned";
      if (agentId === null) await unassign(ctx, tx, conversation);
      else await claim(ctx, tx, { conversation, agentId, trigger, strategy: "manual" });
      await tx.audit("conversation.assign", conversationId, {
        before: { assigneeId: conversation.assigneeId },
        after: { assigneeId: agentId },
      });
    }
    // The note goes with the change: asked again after a lost answer, neither happens twice.
    if (changes && note !== undefined) await addNote(ctx, tx, conversationId, note);
    if (changes) await announceConversation(ctx, tx, conversationId);
    if (changes && agentId !== null) {
      const forAssignee = await presentForAgent(tx.db, ctx.tenant.id, conversationId, agentId);
      tx.afterCommit(() =>
        ctx.node.publish.emit([agentRoom(ctx.tenant.id, agentId)], "conversation:assigned", {
          conversation: forAssignee,
        }),
      );
    }
    return { conversation: await presentConversation(ctx, tx.db, conversationId) };
  });

const addNote = async (ctx: AgentCtx, tx: Tx, conversationId: string, body: string): Promise<void> => {
  const { entry } = await appendMessageIn(tx.db, {
    tenantId: ctx.tenant.id,
    conversationId,
    audience: "internal",
    author: { kind: "agent", id: ctx.actor.id, name: ctx.actor.name },
    clientId: `assign-${crypto.randomUUID()}`,
    body,
    seesAll: seesAll(ctx.actor),
  });
  tx.afterCommit(() => ctx.node.publish.entry(ctx.tenant.id, entry));
};
