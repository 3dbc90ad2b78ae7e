import { and, eq, sql } from "drizzle-orm";
import { inboxes, inboxKeys } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import { lockInbox } from "./lock.ts";

/**
 * Removes an inbox: its key opens nothing from then on, within seconds on every node. One somebody has written to is archived, so
 * that contacts and conversations stay; agents can go on answering these, and visitors who are there are sent away. Throws Refusal `not_found`, or `conflict` for one
 * that is archived already.
 */
export const deleteInbox = (ctx: AgentCtx, { inboxId }: { inboxId: string }): Promise<void> =>
  transaction(ctx, async (tx) => {
    const tenantId = ctx.tenant.id;
    const { name, key } = await lockInbox(tx.db, tenantId, inboxId);
    await tx.db.delete(inboxKeys).where(and(eq(inboxKeys.tenantId, tenantId), eq(inboxKeys.key, key)));
    const { rows } = await tx.db.execute<{ used: boolean }>(sql`
      SELECT EXISTS (SELECT FROM contacts WHERE tenant_id = ${tenantId} AND inbox_id = ${inboxId})
        OR EXISTS (SELECT FROM conversations WHERE tenant_id = ${tenantId} AND inbox_id = ${inboxId}) AS used`);
    const { used } = rows[0]!;
    if (!used) await tx.db.delete(inboxes).where(and(eq(inboxes.tenantId, tenantId), eq(inboxes.id, inboxId)));
    tx.afterCommit(() => ctx.node.publish.changeInbox(tenantId, inboxId));
    await tx.audit(used ? "inbox.archive" : "inbox.delete", inboxId, { before: { name, key } });
  });
