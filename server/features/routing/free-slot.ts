import { sql } from "drizzle-orm";
import type { AnyCtx, Tx } from "../../context.ts";
import { routeDepartments } from "./dispatch.ts";

/**
 * Gives a slot back, together with the assignment or offer that held it; after the commit every queue it may serve is
 * served, unless it is filled again at once.
 */
export const freeSlot = async (ctx: AnyCtx, tx: Tx, agentId: string, refilled = false): Promise<void> => {
  const { rows } = await tx.db.execute<{ id: string }>(sql`
    WITH freed AS (
      UPDATE memberships SET active_count = active_count - 1
      WHERE tenant_id = ${ctx.tenant.id} AND user_id = ${agentId}
    )
    SELECT department_id AS id FROM department_members WHERE tenant_id = ${ctx.tenant.id} AND user_id = ${agentId}`);
  const ids = rows.map(({ id }) => id);
  if (ids.length > 0 && !refilled) tx.afterCommit(() => routeDepartments(ctx.node, ctx.tenant, ids, "slot_freed"));
};
