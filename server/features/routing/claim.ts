import { and, eq, inArray, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import {
  assignments,
  conversations,
  type Decision,
  memberships,
  participants,
  users,
} from "../../../db/schema/index.ts";
import type { AnyCtx, Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { agentRoom, timelineRoom } from "../../realtime/rooms.ts";
import { appendActivity } from "../../timeline/append-activity.ts";
import type { ConversationRow } from "../conversation/access.ts";

type Member = { userId: string; name: string; status: string; role: string; activeCount: number; capacity: number };

/** The memberships of a claim, locked in one order, so that two claims never wait for each other. */
const lockMembers = async (ctx: AnyCtx, tx: Tx, userIds: string[]): Promise<Map<string, Member>> => {
  const rows = await tx.db
    .select({
      userId: memberships.userId,
      name: users.name,
      status: memberships.status,
      role: memberships.role,
      activeCount: memberships.activeCount,
      capacity: memberships.capacity,
    })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(eq(memberships.tenantId, ctx.tenant.id), inArray(memberships.userId, userIds)))
    .orderBy(memberships.userId)
    .for("no key update", { of: memberships });
  return new Map(rows.map((row) => [row.userId, row]));
};

const addToLoad = (ctx: AnyCtx, tx: Tx, userId: string, more: 1 | -1) =>
  tx.db
    .update(memberships)
    .set({ activeCount: sql`${memberships.activeCount} + ${more}` })
    .where(and(eq(memberships.tenantId, ctx.tenant.id), eq(memberships.userId, userId)));

/** Ends the running assignment of a locked conversation and frees the slot. */
export const release = async (
  ctx: AnyCtx,
  tx: Tx,
  conversation: ConversationRow,
  reason: "resolved" | "reassigned" | "unassigned",
): Promise<void> => {
  const [ended] = await tx.db
    .update(assignments)
    .set({ endedAt: sql`now()`, endReason: reason })
    .where(
      and(
        eq(assignments.tenantId, ctx.tenant.id),
        eq(assignments.conversationId, conversation.id),
        sql`ended_at IS NULL`,
      ),
    )
    .returning({ agentId: assignments.agentId });
  if (ended) await addToLoad(ctx, tx, ended.agentId, -1);
};

/** Who may hold a conversation at all. */
const refusalOf = (member: Member | undefined): Refusal | undefined => {
  if (!member || member.status !== "active") return new Refusal("not_found", "There is no such agent.");
  if (member.role === "read_only") return new Refusal("conflict", `${member.name} can't answer conversations.`);
  if (member.activeCount >= member.capacity)
    return new Refusal("conflict", `${member.name} already holds as many conversations as they can.`, {
      agentId: member.userId,
      activeCount: member.activeCount,
      capacity: member.capacity,
    });
  return undefined;
};

export type Claim = {
  conversation: ConversationRow;
  agentId: string;
  trigger: Decision["trigger"];
  strategy: string;
  candidates?: Decision["candidates"];
};

/**
 * Gives a locked conversation to an agent: assignment, slot, status and the entry that says so are one commit, whoever
 * decides. Throws `conflict` for a full agent, `not_found` for none of ours.
 */
export const claim = async (ctx: AnyCtx, tx: Tx, { conversation, agentId, ...why }: Claim): Promise<void> => {
  const previous = conversation.assigneeId;
  const members = await lockMembers(ctx, tx, previous ? [agentId, previous] : [agentId]);
  const member = members.get(agentId);
  const refusal = refusalOf(member);
  if (refusal) throw refusal;
  const { name, activeCount, capacity } = member!;
  await release(ctx, tx, conversation, "reassigned");
  await addToLoad(ctx, tx, agentId, 1);
  await tx.db.insert(assignments).values({
    tenantId: ctx.tenant.id,
    id: uuidv7(),
    conversationId: conversation.id,
    agentId,
    assignedById: ctx.actor.id ?? null,
    decision: {
      trigger: why.trigger,
      strategy: why.strategy,
      candidates: why.candidates ?? [{ agentId, activeCount, capacity }],
    },
  });
  await tx.db
    .update(conversations)
    .set({ assigneeId: agentId, status: "open", resolvedAt: null, version: sql`${conversations.version} + 1` })
    .where(and(eq(conversations.tenantId, ctx.tenant.id), eq(conversations.id, conversation.id)));
  await tx.db
    .insert(participants)
    .values({ tenantId: ctx.tenant.id, conversationId: conversation.id, actorKind: "agent", actorId: agentId })
    .onConflictDoNothing();
  // The agent's sockets follow the timelines before anything more is told there.
  const rooms = (["public", "internal"] as const).map((audience) =>
    timelineRoom(ctx.tenant.id, conversation.id, audience),
  );
  tx.afterCommit(() => {
    ctx.node.publish.move(agentRoom(ctx.tenant.id, agentId), rooms);
    ctx.node.metrics.assignments.inc({ trigger: why.trigger });
  });
  // Parley's own decisions are told as its own, whoever's message brought them about.
  const author = why.strategy === "manual" ? undefined : ({ kind: "system" } as const);
  const activity = {
    type: "assigned",
    agentId,
    agentName: name,
    ...(previous && { previousAgentId: previous }),
  } as const;
  await appendActivity(ctx, tx, conversation.id, "public", activity, author);
};

/** A claim that lets the conversation be where the agent can't hold it. */
export const tryClaim = async (
  ctx: AnyCtx,
  tx: Tx,
  conversation: ConversationRow,
  agentId: string,
  trigger: Decision["trigger"],
): Promise<boolean> => {
  const members = await lockMembers(ctx, tx, [agentId]);
  if (refusalOf(members.get(agentId))) return false;
  await claim(ctx, tx, { conversation, agentId, trigger, strategy: trigger === "reopened" ? "sticky" : "manual" });
  return true;
};
