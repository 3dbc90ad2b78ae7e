import { and, eq, sql } from "drizzle-orm";
import { departments, inboxes, inboxKeys } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import type { Inbox } from "../../contract/inbox-routes.ts";
import { ensureWithin } from "../usage/ensure-within.ts";
import { presentInbox } from "./present.ts";

/**
 * Brings an archived inbox back under its old key; one that is open stays as it is. It leads nowhere where its department
 * has been archived meanwhile. Throws Refusal `not_found`, or `limit_exceeded` over the plan.
 */
export const restoreInbox = (ctx: AgentCtx, { inboxId }: { inboxId: string }): Promise<{ inbox: Inbox }> =>
  transaction(ctx, async (tx) => {
    const tenantId = ctx.tenant.id;
    const seen = await presentInbox(tx.db, tenantId, inboxId);
    if (!seen.archived) return { inbox: seen };
    await ensureWithin(ctx, tx, "inboxes");
    const [restored] = await tx.db
      .insert(inboxKeys)
      .values({ key: seen.key, tenantId, inboxId })
      .onConflictDoNothing()
      .returning({ key: inboxKeys.key });
    if (restored) {
      await tx.db
        .update(inboxes)
        .set({
          departmentId: sql`(
            SELECT d.id FROM ${departments} d
            WHERE d.tenant_id = ${tenantId} AND d.id = ${inboxes.departmentId} AND d.archived_at IS NULL)`,
        })
        .where(and(eq(inboxes.tenantId, tenantId), eq(inboxes.id, inboxId)));
      await tx.audit("inbox.restore", inboxId, { after: { name: seen.name, key: seen.key } });
      tx.afterCommit(() => ctx.node.publish.changeInbox(tenantId, inboxId, seen.key));
    }
    return { inbox: await presentInbox(tx.db, tenantId, inboxId) };
  });
