import { and, eq, isNull, sql } from "drizzle-orm";
import { sessions } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";

/** Ends the session of the access token: its refresh token is void and its live sockets close, on every node. */
export const logOut = (ctx: AgentCtx): Promise<void> =>
  transaction(ctx, async (tx) => {
    const { sessionId } = ctx.actor;
    await tx.db
      .update(sessions)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(sessions.tenantId, ctx.tenant.id), eq(sessions.id, sessionId), isNull(sessions.revokedAt)));
    await tx.audit("auth.logout", sessionId);
    tx.afterCommit(() => ctx.node.publish.endSession(ctx.tenant.id, sessionId, "session_revoked"));
  });
