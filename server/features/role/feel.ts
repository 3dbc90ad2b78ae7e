import { sql } from "drizzle-orm";
import type { AgentCtx, Tx } from "../../context.ts";

/**
 * Has everybody who holds a role feel that it has changed: their live sockets come back with what they may do now. Should
 * the hint be lost on its way, the version tells the node so at its next check. Answers who of them holds conversations.
 */
export const haveHoldersFeel = async (ctx: AgentCtx, tx: Tx, roleKey: string): Promise<string[]> => {
  const { rows } = await tx.db.execute<{ userId: string; holds: boolean }>(sql`
    UPDATE memberships m SET access_version = m.access_version + 1 FROM (
      SELECT user_id FROM memberships WHERE tenant_id = ${ctx.tenant.id} AND role = ${roleKey}
      ORDER BY user_id FOR NO KEY UPDATE
    ) holders
    WHERE m.tenant_id = ${ctx.tenant.id} AND m.user_id = holders.user_id
    RETURNING m.user_id AS "userId", m.active_count > 0 AS holds`);
  tx.afterCommit(() => {
    for (const { userId } of rows) ctx.node.publish.changeAccess(ctx.tenant.id, userId);
  });
  return rows.filter(({ holds }) => holds).map(({ userId }) => userId);
};
