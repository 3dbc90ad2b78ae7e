import { and, eq, isNull, sql } from "drizzle-orm";
import { apiKeys, sessions } from "../../../db/schema/index.ts";
import type { AgentCtx, Tx } from "../../context.ts";

/**
 * Ends all that opens the workspace for a member: every session, those of somebody who acts as them too, and every API key
 * they made, for good. It is done when they leave and once more when they come back: what began at the very moment they left
 * must not wake up with them.
 */
export const endAccess = async (ctx: AgentCtx, tx: Tx, userId: string): Promise<void> => {
  const tenantId = ctx.tenant.id;
  const ended = await tx.db
    .update(sessions)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(sessions.tenantId, tenantId), eq(sessions.userId, userId), isNull(sessions.revokedAt)))
    .returning({ id: sessions.id });
  const revoked = await tx.db
    .update(apiKeys)
    .set({ revokedAt: sql`now()` })
    .where(and(eq(apiKeys.tenantId, tenantId), eq(apiKeys.createdById, userId), isNull(apiKeys.revokedAt)))
    .returning({ id: apiKeys.id, name: apiKeys.name, prefix: apiKeys.prefix });
  for (const { id, ...before } of revoked) await tx.audit("api_key.revoke", id, { before });
  tx.afterCommit(() => {
    for (const { id } of ended) ctx.node.publish.endSession(tenantId, id, "deactivated");
  });
};
