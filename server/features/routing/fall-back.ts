import { and, eq, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import { conversations, departments } from "../../../db/schema/index.ts";
import { type Ctx, type Node, systemCtx, transaction } from "../../context.ts";
import { appendActivity } from "../../timeline/append-activity.ts";
import { loseSight } from "../conversation/lose-sight.ts";
import { announceConversation } from "../conversation/present.ts";
import { findOffer } from "../offer/pending.ts";
import { routeDepartments } from "./dispatch.ts";

const fallback = alias(departments, "fallback");

/**
 * Moves a conversation that has waited for as long as its department allows to the department that stands in for it; its wait
 * goes on there. Once for each time it is queued: what nobody takes there either stays there. Does nothing where it is not
 * due, or somebody holds it at the moment, so it may be asked any number of times and never waits.
 */
export const fallBack = async (node: Node, tenant: Ctx["tenant"], conversationId: string): Promise<void> => {
  const ctx = systemCtx(node, tenant);
  await transaction(ctx, async (tx) => {
    const own = and(eq(conversations.tenantId, tenant.id), eq(conversations.id, conversationId));
    const [conversation] = await tx.db
      .select()
      .from(conversations)
      .where(own)
      .for("no key update", { skipLocked: true });
    if (conversation?.status !== "queued" || conversation.departmentId === null) return;
    if (await findOffer(tx.db, tenant.id, conversationId)) return;
    const [to] = await tx.db
      .select({ id: fallback.id, name: fallback.name })
      .from(departments)
      .innerJoin(
        fallback,
        and(eq(fallback.tenantId, departments.tenantId), eq(fallback.id, departments.fallbackDepartmentId)),
      )
      .where(
        and(
          eq(departments.tenantId, tenant.id),
          eq(departments.id, conversation.departmentId),
          sql`${fallback.archivedAt} IS NULL`,
          sql`${conversation.queuedAt.toISOString()}::timestamptz
            <= now() - make_interval(secs => ${departments.fallbackAfterSeconds})`,
          sql`NOT EXISTS (
            SELECT FROM entries e
            WHERE e.tenant_id = ${tenant.id} AND e.conversation_id = ${conversationId} AND e.audience = 'public'
              AND e.kind = 'activity' AND e.created_at >= ${conversation.queuedAt.toISOString()}::timestamptz
              AND e.activity ->> 'type' = 'transferred' AND e.activity ->> 'reason' = 'fallback')`,
        ),
      );
    if (!to) return;
    const from = conversation.departmentId;
    await tx.db
      .update(conversations)
      .set({ departmentId: to.id, version: sql`${conversations.version} + 1` })
      .where(own);
    await appendActivity(ctx, tx, conversationId, "public", {
      type: "transferred",
      departmentId: to.id,
      departmentName: to.name,
      previousDepartmentId: from,
      reason: "fallback",
    });
    await tx.audit("conversation.transfer", conversationId, {
      before: { departmentId: from },
      after: { departmentId: to.id, reason: "fallback" },
    });
    await loseSight(ctx, tx, conversation, to.id);
    await announceConversation(ctx, tx, conversationId);
    tx.afterCommit(() => {
      routeDepartments(node, tenant, [to.id], "fallback", conversationId);
      for (const departmentId of [from, to.id]) node.queueNews.changed(tenant.id, departmentId);
    });
  });
};
