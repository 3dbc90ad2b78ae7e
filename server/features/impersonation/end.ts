import { and, eq, gt, isNotNull, isNull, sql } from "drizzle-orm";
import { sessions } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Impersonation } from "../../contract/platform-routes.ts";
import { ensureStaff, transactionAt } from "../platform/access.ts";
import { listRecorded, mayRun, type Recorded, withEnds } from "./access.ts";

const endOne = (ctx: AgentCtx, { id, tenant, user }: Recorded): Promise<void> =>
  transactionAt(ctx, tenant.id, async (tx) => {
    const [ended] = await tx.db
      .update(sessions)
      .set({ revokedAt: sql`now()` })
      .where(
        and(
          eq(sessions.tenantId, tenant.id),
          eq(sessions.id, id),
          isNotNull(sessions.impersonatorId),
          isNull(sessions.revokedAt),
          gt(sessions.expiresAt, sql`now()`),
        ),
      )
      .returning({ revokedAt: sessions.revokedAt });
    if (!ended) return;
    await tx.audit("impersonation.end", id, { after: { endedAt: ended.revokedAt }, onBehalfOfId: user.id });
    tx.afterCommit(() => ctx.node.publish.endSession(tenant.id, id, "impersonation_ended"));
  });

/** Ends an impersonation at once, whoever's it is: its token opens nothing any more. Ending what has ended changes nothing. */
export const endImpersonation = async (
  ctx: AgentCtx,
  { impersonationId }: { impersonationId: string },
): Promise<{ impersonation: Impersonation }> => {
  await ensureStaff(ctx);
  const recorded = await listRecorded(ctx, sql`e.target_id = ${impersonationId}`, 1);
  if (!recorded[0]) throw new Refusal("not_found", "There is no such impersonation.");
  await endOne(ctx, recorded[0]);
  const [impersonation] = await withEnds(ctx.node, recorded);
  return { impersonation: impersonation! };
};

/**
 * Ends whatever one of Parley's staff has under way in customers' workspaces, or what one session of theirs began: for when
 * they leave, or may no longer impersonate. None of it opens anything from that moment on; this puts the end on record. Does
 * nothing in a customer's own workspace.
 */
export const endImpersonationsOf = async (ctx: AgentCtx, userId: string, sessionId?: string): Promise<void> => {
  const theirs = sql`e.actor_id = ${userId} AND ${mayRun}
    AND ${sessionId === undefined ? sql`true` : sql`e.after->>'staffSessionId' = ${sessionId}`}
    AND EXISTS (SELECT FROM tenants WHERE id = e.tenant_id AND kind = 'platform')`;
  for (const one of await listRecorded(ctx, theirs, 1_000)) await endOne(ctx, one);
};
