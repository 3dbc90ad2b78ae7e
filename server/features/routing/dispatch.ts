import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { conversations, type Decision, departmentMembers, departments, memberships } from "../../../db/schema/index.ts";
import { type AnyCtx, type Ctx, type Node, systemCtx, transaction, type Tx } from "../../context.ts";
import { agentRoom } from "../../realtime/rooms.ts";
import { announceConversation, presentForAgent } from "../conversation/present.ts";
import { claim } from "./claim.ts";

type Trigger = Decision["trigger"];
type Tenant = Ctx["tenant"];

/**
 * Who of the department could take one more: present by their lease, available, able to answer, with a free slot; the least
 * loaded first. Their memberships stay locked, so two decisions at once see each other's load.
 */
const lockCandidates = (ctx: AnyCtx, tx: Tx, departmentId: string, present: string[]) =>
  tx.db
    .select({ agentId: memberships.userId, activeCount: memberships.activeCount, capacity: memberships.capacity })
    .from(memberships)
    .innerJoin(
      departmentMembers,
      and(eq(departmentMembers.tenantId, memberships.tenantId), eq(departmentMembers.userId, memberships.userId)),
    )
    .where(
      and(
        eq(memberships.tenantId, ctx.tenant.id),
        eq(departmentMembers.departmentId, departmentId),
        inArray(memberships.userId, present),
        eq(memberships.status, "active"),
        eq(memberships.availability, "available"),
        sql`${memberships.role} <> 'read_only'`,
        sql`${memberships.activeCount} < ${memberships.capacity}`,
      ),
    )
    .orderBy(asc(memberships.userId))
    .for("no key update", { of: memberships });

/** The oldest queued conversation of the departments, or the one named, locked; another's pick is passed over. */
const lockQueued = async (ctx: AnyCtx, tx: Tx, where: { departmentIds: string[] } | { conversationId: string }) => {
  const [row] = await tx.db
    .select({ conversation: conversations })
    .from(conversations)
    .innerJoin(
      departments,
      and(eq(departments.tenantId, conversations.tenantId), eq(departments.id, conversations.departmentId)),
    )
    .where(
      and(
        eq(conversations.tenantId, ctx.tenant.id),
        eq(conversations.status, "queued"),
        eq(departments.strategy, "least_loaded"),
        "conversationId" in where
          ? eq(conversations.id, where.conversationId)
          : inArray(conversations.departmentId, where.departmentIds),
      ),
    )
    .orderBy(sql`${conversations.priority} DESC`, asc(conversations.createdAt))
    .limit(1)
    .for("update", { of: conversations, skipLocked: true });
  return row?.conversation;
};

/** Gives one queued conversation to the least loaded agent who is there; says whether it did. */
const assignOne = async (
  node: Node,
  tenant: Tenant,
  where: { departmentIds: string[] } | { conversationId: string },
  trigger: Trigger,
): Promise<boolean> => {
  const present = await node.presence.listPresent(tenant.id);
  if (present.length === 0) return false;
  const ctx = systemCtx(node, tenant);
  return transaction(ctx, async (tx) => {
    const conversation = await lockQueued(ctx, tx, where);
    if (!conversation?.departmentId) return false;
    const candidates = await lockCandidates(ctx, tx, conversation.departmentId, present);
    const [least] = candidates.toSorted((a, b) => a.activeCount - b.activeCount || (a.agentId < b.agentId ? -1 : 1));
    if (!least) return false;
    await claim(ctx, tx, { conversation, agentId: least.agentId, trigger, strategy: "least_loaded", candidates });
    await announceConversation(ctx, tx, conversation.id);
    const presented = await presentForAgent(tx.db, tenant.id, conversation.id, least.agentId);
    tx.afterCommit(() =>
      node.publish.emit([agentRoom(tenant.id, least.agentId)], "conversation:assigned", { conversation: presented }),
    );
    return true;
  });
};

const failed = (node: Node) => (error: unknown) => {
  node.log.warn({ err: error }, "routing left a conversation in the queue");
  return false;
};

/** Routes one conversation that has just been queued. Returns at once; what fails stays queued for the next occasion. */
export const dispatch = (node: Node, tenant: Tenant, conversationId: string, trigger: Trigger): void =>
  void assignOne(node, tenant, { conversationId }, trigger).catch(failed(node));

type Drain = { again: boolean; done: Promise<void> };
const draining = new WeakMap<Node, Map<string, Drain>>();

/**
 * Hands out the queue of departments, oldest first, until it is empty or nobody has a free slot; resolves then. One run at a
 * time on a node: however many occasions come while it runs, they are served by one more run after it.
 */
export const drainQueue = (node: Node, tenant: Tenant, departmentIds: string[], trigger: Trigger): Promise<void> => {
  const runs = draining.get(node) ?? new Map<string, Drain>();
  draining.set(node, runs);
  const key = `${tenant.id}:${departmentIds.toSorted().join()}`;
  const running = runs.get(key);
  if (running) {
    running.again = true;
    return running.done;
  }
  const drain: Drain = { again: true, done: Promise.resolve() };
  const run = async () => {
    while (drain.again) {
      drain.again = false;
      while (await assignOne(node, tenant, { departmentIds }, trigger).catch(failed(node)));
    }
    runs.delete(key);
  };
  runs.set(key, drain);
  drain.done = run();
  return drain.done;
};
