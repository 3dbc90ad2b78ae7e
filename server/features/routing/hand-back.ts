import { and, asc, eq, inArray, sql } from "drizzle-orm";
import { conversations, users } from "../../../db/schema/index.ts";
import type { AnyCtx, Tx } from "../../context.ts";
import { appendActivity } from "../../timeline/append-activity.ts";
import { announceConversations } from "../conversation/present.ts";
import { endOffer, findOffer } from "../offer/pending.ts";
import { release } from "./claim.ts";
import { routeDepartments } from "./dispatch.ts";
import { lockMembers } from "./slots.ts";

/** The departments whose queues it went to, and whether something was passed over. */
type HandedBack = { departments: string[]; passedOver: boolean };

/**
 * Takes back what an agent holds and puts it into the queue again, at the place its waiting time gives it; offers are taken
 * back without a word. Of somebody absent only what is open, since the rest waits for its contact anyhow; of a member who
 * leaves, everything. The departments' queues are served after the commit. Conversations that somebody has locked are passed
 * over, so that the others are not held while one is waited for: running it again finds them, and otherwise nothing more.
 */
export const handBack = async (
  ctx: AnyCtx,
  tx: Tx,
  agentId: string,
  reason: "agent_absent" | "agent_deactivated",
): Promise<HandedBack> => {
  const { tenant, node } = ctx;
  await lockMembers(tx.db, tenant.id, [agentId]);
  const { rows: held } = await tx.db.execute<{ id: string }>(sql`
    SELECT conversation_id AS id FROM assignments
    WHERE tenant_id = ${tenant.id} AND agent_id = ${agentId} AND ended_at IS NULL
    UNION SELECT conversation_id FROM offers WHERE tenant_id = ${tenant.id} AND agent_id = ${agentId} AND status = 'pending'`);
  if (held.length === 0) return { departments: [], passedOver: false };
  const rows = await tx.db
    .select()
    .from(conversations)
    .where(
      and(
        eq(conversations.tenantId, tenant.id),
        inArray(
          conversations.id,
          held.map(({ id }) => id),
        ),
      ),
    )
    .orderBy(asc(conversations.id))
    .for("no key update", { skipLocked: true });
  const [agent] = await tx.db.select({ name: users.name }).from(users).where(eq(users.id, agentId));
  const departments = new Set<string>();
  const requeued: string[] = [];
  for (const conversation of rows) {
    const { id, assigneeId, departmentId, status } = conversation;
    // Somebody may have taken it before it was locked.
    const owns = assigneeId === agentId && ["open", "pending", "snoozed"].includes(status);
    if (owns && (status === "open" || reason === "agent_deactivated")) {
      await release(ctx, tx, conversation, reason);
      await tx.db
        .update(conversations)
        .set({
          assigneeId: null,
          version: sql`${conversations.version} + 1`,
          ...(status === "open" && { status: "queued" }),
        })
        .where(and(eq(conversations.tenantId, tenant.id), eq(conversations.id, id)));
      await appendActivity(
        ctx,
        tx,
        id,
        "public",
        // Why is for the workspace, which finds it among the assignments: contacts read this.
        { type: "requeued", previousAgentId: agentId, ...(agent && { previousAgentName: agent.name }) },
        { kind: "system" },
      );
      requeued.push(id);
    } else {
      const offer = await findOffer(tx.db, tenant.id, id);
      if (offer?.agentId !== agentId) continue;
      await endOffer(ctx, tx, offer, "withdrawn");
    }
    if (!departmentId) continue;
    departments.add(departmentId);
    tx.afterCommit(() => {
      routeDepartments(node, tenant, [departmentId], "agent_absent", id);
      node.queueNews.changed(tenant.id, departmentId);
    });
  }
  await announceConversations(ctx, tx, requeued);
  return { departments: [...departments], passedOver: rows.length < held.length };
};
