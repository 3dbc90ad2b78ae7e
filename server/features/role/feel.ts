import { sql } from "drizzle-orm";
import type { AgentCtx, Tx } from "../../context.ts";

/**
 * Has everybody who holds a role feel that it has changed: their live sockets come back with what they may do now. Should
 * the hint be lost on its way, the version tells the node so at its next check. Answers who of them holds conversations.
 */
export const haveHoldersFeel = async (ctx: AgentCtx, tx: Tx, roleKey: string): Promise<string[]> => {
  const { rows } = await tx.db.execute<{ userId: string; holds: boolean }>(sql`
    UPDATE memberships SET access_version = access_version + 1
    WHERE tenant_id = ${ctx.tenant.id} AND user_id = ANY(ARRAY(
      SELECT user_id FROM memberships WHERE tenant_id = ${ctx.tenant.id} AND role = ${roleKey}
      ORDER BY user_id FOR NO KEY UPDATE))
    RETURNING user_id AS "userId", active_count > 0 AS holds`);
  tx.afterCommit(() => {
    for (const { userId } of rows) ctx.node.publish.changeAccess(ctx.tenant.id, userId);
  });
  return rows.filter(({ holds }) => holds).map(({ userId }) => userId);
};
