import { and, eq, isNull, sql } from "drizzle-orm";
import { sessions } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { endImpersonationsOf } from "../impersonation/end.ts";

/**
 * Ends the session of the access token: its refresh token is void and its live sockets close, on every node. One of Parley's
 * staff ends what they do as a member this way, too. Throws Refusal `permission_denied` for an API key: it has no session.
 */
export const logOut = async (ctx: AgentCtx): Promise<void> => {
  const { sessionId, via } = ctx.actor;
  if (via?.kind === "api_key")
    throw new Refusal("permission_denied", "An API key has no session to end. Revoke the key instead.");
  await transaction(ctx, async (tx) => {
    await tx.db
      .update(sessions)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(sessions.tenantId, ctx.tenant.id), eq(sessions.id, sessionId), isNull(sessions.revokedAt)));
    await tx.audit(via ? "impersonation.end" : "auth.logout", sessionId);
    const reason = via ? "impersonation_ended" : "session_revoked";
    tx.afterCommit(() => ctx.node.publish.endSession(ctx.tenant.id, sessionId, reason));
  }); // Whoever of Parley's staff signs out leaves every workspace they act in.
  if (!via && ctx.actor.permissions.has("platform.impersonate")) await endImpersonationsOf(ctx, ctx.actor.id);
};
