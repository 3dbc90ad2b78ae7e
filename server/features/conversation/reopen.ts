import { and, eq, sql } from "drizzle-orm";
import { conversations, departments, inboxes } from "../../../db/schema/index.ts";
import { type Ctx, transaction, type Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { contactRoom, timelineRoom } from "../../realtime/rooms.ts";
import { appendActivity } from "../../timeline/append-activity.ts";
import { routeDepartments } from "../routing/dispatch.ts";
import { giveBack } from "../routing/give-back.ts";
import { tellAssigned } from "../routing/tell-assigned.ts";
import { accessConversation, type ConversationRow, expectVersion } from "./access.ts";
import { loseSight } from "./lose-sight.ts";
import { announceConversation, presentConversation } from "./present.ts";

/** The department it belongs to now: of one that is archived its fallback, else the inbox's. */
const livingDepartment = async (
  tx: Tx,
  { tenantId, departmentId, inboxId }: ConversationRow,
): Promise<string | null> => {
  if (departmentId === null) return null;
  const living = (wanted: string | null) =>
    wanted === null
      ? undefined
      : tx.db
          .select({ archivedAt: departments.archivedAt, fallbackId: departments.fallbackDepartmentId })
          .from(departments)
          .where(and(eq(departments.tenantId, tenantId), eq(departments.id, wanted)))
          .then(([row]) => row);
  const own = await living(departmentId);
  if (own?.archivedAt === null) return departmentId;
  const fallbackId = own?.fallbackId ?? null;
  if ((await living(fallbackId))?.archivedAt === null) return fallbackId;
  if (inboxId === null) return departmentId;
  const [inbox] = await tx.db
    .select({ id: inboxes.departmentId })
    .from(inboxes)
    .where(and(eq(inboxes.tenantId, tenantId), eq(inboxes.id, inboxId)));
  const ofInbox = inbox?.id ?? null;
  return (await living(ofInbox))?.archivedAt === null ? ofInbox : departmentId;
};

/** Who is there, for a reopening: asked before its transaction, which must not wait for Redis. */
export const presentAgents = async ({ node, tenant }: Ctx): Promise<ReadonlySet<string>> =>
  new Set(await node.presence.listPresent(tenant.id));

/** A resolve that an agent takes back so soon has never happened to whoever had the conversation, or waited in it. */
const takenBackWithinMs = 5 * 60_000;

const isTakenBack = ({ actor }: Ctx, { resolvedAt }: ConversationRow): boolean =>
  actor.kind === "agent" && resolvedAt !== null && Date.now() - resolvedAt.getTime() < takenBackWithinMs;

/** Since when the contact has waited for an answer: their first message after an agent's last reply. */
const unansweredSince = sql`(
  SELECT min(e.created_at) FROM entries e
  WHERE e.tenant_id = ${conversations.tenantId} AND e.conversation_id = ${conversations.id} AND e.audience = 'public'
    AND e.seq > ${conversations.repliedSeq} AND e.kind = 'message' AND e.author_kind = 'contact')`;

/**
 * Reopens a locked, resolved conversation: to the agent who had it where they can take it, else into the queue, where its
 * wait begins now, or goes on where an agent takes back what was just resolved. An agent's reopening leaves the contact
 * waiting for the answer they never had; a contact's begins with what they say. Announcing it is the caller's.
 */
export const reopenFor = async (
  ctx: Ctx,
  tx: Tx,
  conversation: ConversationRow,
  present: ReadonlySet<string>,
): Promise<{ assigneeId: string | null }> => {
  const takenBack = isTakenBack(ctx, conversation);
  const { tenant, node } = ctx;
  const { id, assigneeId, contactId } = conversation;
  const departmentId = await livingDepartment(tx, conversation);
  const [reopened] = await tx.db
    .update(conversations)
    .set({
      status: "queued",
      assigneeId: null,
      departmentId,
      ...(!takenBack && { queuedAt: sql`now()` }),
      ...(ctx.actor.kind === "agent" && { waitingSince: unansweredSince }),
      forLater: false,
      resolvedAt: null,
      version: sql`${conversations.version} + 1`,
    })
    .where(and(eq(conversations.tenantId, tenant.id), eq(conversations.id, id)))
    .returning();
  // Whoever connected while it was resolved does not follow it yet.
  if (contactId)
    tx.afterCommit(() => node.publish.move(contactRoom(tenant.id, contactId), [timelineRoom(tenant.id, id, "public")]));
  await appendActivity(ctx, tx, id, "public", { type: "reopened" });
  const givenBack = assigneeId !== null && (await giveBack(ctx, tx, reopened!, assigneeId, { present, takenBack }));
  await loseSight(ctx, tx, conversation, departmentId);
  if (givenBack) return { assigneeId };
  if (departmentId)
    tx.afterCommit(() => {
      routeDepartments(node, tenant, [departmentId], "reopened", id);
      node.queueNews.changed(tenant.id, departmentId);
    });
  return { assigneeId: null };
};

type Payload = { conversationId: string; expectedVersion?: number | undefined };

/** Opens a resolved conversation again. Reopening what is open changes nothing. */
export const reopenConversation = async (ctx: Ctx, payload: Payload) => {
  const present = await presentAgents(ctx);
  return transaction(ctx, async (tx) => {
    const conversation = await accessConversation(ctx, tx.db, payload.conversationId);
    const { id, status } = conversation;
    if (status === "archived") throw new Refusal("read_only", "This conversation is archived.");
    if (status === "resolved") {
      expectVersion(conversation, payload.expectedVersion);
      const { assigneeId } = await reopenFor(ctx, tx, conversation, present);
      await tx.audit("conversation.reopen", id, {
        before: { status },
        after: { status: assigneeId === null ? "queued" : "open", assigneeId },
      });
      await announceConversation(ctx, tx, id);
      if (assigneeId !== null) await tellAssigned(ctx, tx, [{ conversationId: id, agentId: assigneeId }]);
    }
    return { conversation: await presentConversation(ctx, tx.db, id) };
  });
};
