import { and, eq, isNull, sql } from "drizzle-orm";
import { conversations, departments, memberships, users } from "../../../db/schema/index.ts";
import { type AgentCtx, can, ensureCan, seesAgent, seesAll, transaction, type Tx } from "../../context.ts";
import type { Activity, Conversation } from "../../contract/entities.ts";
import { Refusal } from "../../contract/errors.ts";
import { appendActivity, appendMessageIn } from "../../timeline/append-activity.ts";
import { claim, release } from "../routing/claim.ts";
import { routeDepartments } from "../routing/dispatch.ts";
import { tellAssigned } from "../routing/tell-assigned.ts";
import { accessConversation, type ConversationRow, expectVersion } from "./access.ts";
import { loseSight } from "./lose-sight.ts";
import { announceConversation, presentForAgent } from "./present.ts";

/** Where a conversation is to go: to an agent or, with null, into the queue; of another department where one is named. */
export type HandOver = {
  action: "conversation.assign" | "conversation.transfer";
  conversationId: string;
  agentId: string | null;
  departmentId?: string | undefined;
  note?: string | undefined;
  expectedVersion?: number | undefined;
};

type Department = { id: string; name: string };
type Agent = { id: string; name: string; there: boolean; away: boolean };

/** Refuses what is no longer there to be handed over, with how it stands. */
const ensureFree = (ctx: AgentCtx, conversation: ConversationRow, { agentId, expectedVersion }: HandOver): void => {
  expectVersion(conversation, expectedVersion);
  if (conversation.status === "resolved" || conversation.status === "archived")
    throw new Refusal("conflict", "The conversation is not open. Reopen it first.", { status: conversation.status });
  // Two who reach for the same conversation: the second is told, and may take over by naming the version they see.
  const taking = agentId === ctx.actor.id && expectedVersion === undefined;
  if (taking && conversation.assigneeId !== null && conversation.assigneeId !== agentId)
    throw new Refusal("conflict", "Somebody else has taken this conversation.", {
      conversationId: conversation.id,
      assigneeId: conversation.assigneeId,
      version: conversation.version,
    });
};

const accessDepartment = async (ctx: AgentCtx, tx: Tx, id: string): Promise<Department> => {
  const [department] = await tx.db
    .select({ id: departments.id, name: departments.name })
    .from(departments)
    .where(and(eq(departments.tenantId, ctx.tenant.id), eq(departments.id, id), isNull(departments.archivedAt)));
  if (!department) throw new Refusal("not_found", "There is no such department.");
  return department;
};

/**
 * The agent it is to go to. Somebody else must be there and available, or the actor allowed to assign to who is not; oneself
 * is. Where Redis can't say who is there, availability alone decides: an outage must not stop people from working.
 */
const accessAgent = async (ctx: AgentCtx, tx: Tx, id: string, there: boolean): Promise<Agent> => {
  const [row] = await tx.db
    .select({ name: users.name, availability: memberships.availability })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(eq(memberships.tenantId, ctx.tenant.id), eq(memberships.userId, id), eq(memberships.status, "active")));
  if (!row) throw new Refusal("not_found", "There is no such agent.");
  const away = row.availability !== "available";
  if ((!there || away) && id !== ctx.actor.id && !can(ctx.actor, "conversation.assign_absent")) {
    const { availability } = row;
    if (!seesAgent(ctx.actor, id)) throw new Refusal("conflict", "This agent can't be assigned now.", { agentId: id });
    throw new Refusal("conflict", `${row.name} is ${there ? "away" : "not there"} at the moment.`, {
      agentId: id,
      presence: there ? "online" : "offline",
      availability,
    });
  }
  return { id, name: row.name, there, away };
};

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

const own = (ctx: AgentCtx, conversation: ConversationRow) =>
  and(eq(conversations.tenantId, ctx.tenant.id), eq(conversations.id, conversation.id));

/** Into the queue of its department as it is now. A wait that has begun goes on; one that begins, begins now. */
const putIntoQueue = async (ctx: AgentCtx, tx: Tx, conversation: ConversationRow, goal: HandOver): Promise<void> => {
  const { tenant, node } = ctx;
  const { id, departmentId, status } = conversation;
  const transferred = goal.action === "conversation.transfer" || goal.departmentId !== undefined;
  await release(ctx, tx, conversation, transferred ? "transferred" : "unassigned");
  await tx.db
    .update(conversations)
    .set({
      assigneeId: null,
      status: "queued",
      version: sql`${conversations.version} + 1`,
      ...(status !== "queued" && { queuedAt: sql`now()` }),
    })
    .where(own(ctx, conversation));
  if (departmentId === null) return;
  tx.afterCommit(() => {
    routeDepartments(node, tenant, [departmentId], transferred ? "transferred" : "conversation_queued", id);
    node.queueNews.changed(tenant.id, departmentId);
  });
};

/** What is said in public where it was more than somebody taking or being given it. */
const transferOf = (was: ConversationRow, department: Department | undefined, agent: Agent | undefined): Activity => ({
  type: "transferred",
  ...(department && { departmentId: department.id, departmentName: department.name }),
  ...(agent && { agentId: agent.id, agentName: agent.name }),
  ...(department && was.departmentId && { previousDepartmentId: was.departmentId }),
  ...(was.assigneeId && { previousAgentId: was.assigneeId }),
});

const giveTo = async (
  ctx: AgentCtx,
  tx: Tx,
  conversation: ConversationRow,
  agent: Agent,
  trigger: "claimed" | "assigned" | "transferred",
  activity: Activity | undefined,
): Promise<void> => {
  const agentId = agent.id;
  const despite = agent.there ? (agent.away ? "away" : undefined) : "offline";
  await claim(ctx, tx, { conversation, agentId, trigger, strategy: "manual", activity, despite });
  // Given to somebody who is known to be gone, it stays with them: the watch over absence begins when they have come.
  if (!agent.there)
    await tx.db
      .update(memberships)
      .set({ absentSince: sql`coalesce(${memberships.absentSince}, 'infinity')` })
      .where(and(eq(memberships.tenantId, ctx.tenant.id), eq(memberships.userId, agentId)));
};

/**
 * Hands a conversation over: assignment, slot, department, note and the entries that tell of it are one commit. Asking for
 * what is so already changes nothing, not even by the note. Throws `not_found` for a conversation out of sight, an unknown
 * or inactive agent and an unknown department; `conflict`, with how it stands, for an outdated version, what is not open,
 * what somebody else holds (take over by naming the version), an agent who is full, whoever asks, and one who is absent or
 * away unless the actor holds `conversation.assign_absent`; `permission_denied` for a note of who may not write one.
 */
export const handOver = async (ctx: AgentCtx, goal: HandOver): Promise<{ conversation: Conversation }> => {
  const { actor, node, tenant } = ctx;
  const { agentId, conversationId } = goal;
  if (goal.note !== undefined) ensureCan(actor, "message.send");
  if (agentId === actor.id && actor.via?.kind === "platform")
    throw new Refusal("permission_denied", "You can't take conversations while you act as a member.");
  // Asked before the transaction, which must not wait for Redis.
  const present = agentId === null ? undefined : await node.presence.among(tenant.id, "agent", [agentId]);
  return transaction(ctx, async (tx) => {
    const was = await accessConversation(ctx, tx.db, conversationId);
    const department = goal.departmentId === undefined ? undefined : await accessDepartment(ctx, tx, goal.departmentId);
    const agent = agentId === null ? undefined : await accessAgent(ctx, tx, agentId, present?.has(agentId) ?? true);
    ensureFree(ctx, was, goal);
    const moves = department !== undefined && department.id !== was.departmentId;
    const leaves = was.assigneeId !== agentId;
    if (!moves && !leaves) return { conversation: await presentForAgent(tx.db, tenant.id, conversationId, actor.id) };

    if (moves) await tx.db.update(conversations).set({ departmentId: department.id }).where(own(ctx, was));
    const conversation = moves ? { ...was, departmentId: department.id } : was;
    const transfers = moves || goal.action === "conversation.transfer";
    const transferred = transferOf(was, moves ? department : undefined, agent);
    if (agent && leaves) {
      const trigger = transfers ? "transferred" : agent.id === actor.id ? "claimed" : "assigned";
      await giveTo(ctx, tx, conversation, agent, trigger, transfers ? transferred : undefined);
    } else {
      if (agent)
        await tx.db
          .update(conversations)
          .set({ version: was.version + 1 })
          .where(own(ctx, was));
      else await putIntoQueue(ctx, tx, conversation, goal);
      const unassigned = { type: "unassigned", ...(was.assigneeId && { previousAgentId: was.assigneeId }) } as const;
      await appendActivity(ctx, tx, conversationId, "public", moves ? transferred : unassigned);
    }
    await tx.audit(goal.action, conversationId, {
      before: { assigneeId: was.assigneeId, ...(moves && { departmentId: was.departmentId }) },
      after: { assigneeId: agentId, ...(moves && { departmentId: department.id }) },
    });
    // The note goes with the change: asked again after a lost answer, neither happens twice.
    if (goal.note !== undefined) await addNote(ctx, tx, conversationId, goal.note);
    if (moves) {
      await loseSight(ctx, tx, was, department.id);
      const { departmentId } = was;
      if (was.status === "queued" && departmentId)
        tx.afterCommit(() => node.queueNews.changed(tenant.id, departmentId));
    }
    await announceConversation(ctx, tx, conversationId);
    if (agent && leaves) await tellAssigned(ctx, tx, [{ conversationId, agentId: agent.id }]);
    // Whoever hands it to where they can't see it is answered all the same: they were the last to change it.
    return { conversation: await presentForAgent(tx.db, tenant.id, conversationId, actor.id) };
  });
};
