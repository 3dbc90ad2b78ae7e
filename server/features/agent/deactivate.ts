import { and, eq, sql } from "drizzle-orm";
import { memberships } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Agent } from "../../contract/people-routes.ts";
import { permissionsOf } from "../../contract/permissions.ts";
import { endImpersonationsOf } from "../impersonation/end.ts";
import { ensureAdminRemains, ensureMayChange, lockRights } from "../role/rights.ts";
import { handBack } from "../routing/hand-back.ts";
import { accessMember } from "./access.ts";
import { endAccess } from "./end-access.ts";
import { getAgent } from "./get.ts";
import { handOver } from "./hand-over.ts";
import { presentAgent } from "./present.ts";

/**
 * Shuts a member out, at once: their sessions and API keys end, and what they hold goes back to the queue. What they wrote
 * stays, and they can be brought back. Throws Refusal `not_found`, `permission_denied` (they hold more than the actor) or `conflict`.
 */
export const deactivateAgent = async (ctx: AgentCtx, { agentId }: { agentId: string }): Promise<{ agent: Agent }> => {
  if (agentId === ctx.actor.id)
    throw new Refusal("conflict", "You can't deactivate yourself. Ask another admin to do it.");
  let [endsImpersonations, holdsMore] = [false, false];
  const agent = await transaction(ctx, async (tx) => {
    const rights = await lockRights(ctx, tx, "agent.deactivate");
    const member = await accessMember(ctx, tx, agentId);
    if (member.status !== "active") throw new Refusal("conflict", `${member.name} is deactivated already.`);
    ensureMayChange(rights, member);
    if (member.role.key === rights.adminRole) await ensureAdminRemains(ctx, tx, rights, agentId);
    await handBack(ctx, tx, agentId, "agent_deactivated");
    const [row] = await tx.db
      .update(memberships)
      .set({
        status: "deactivated",
        deactivatedAt: sql`now()`,
        accessVersion: sql`${memberships.accessVersion} + 1`,
      })
      .where(and(eq(memberships.tenantId, ctx.tenant.id), eq(memberships.userId, agentId)))
      .returning({ activeCount: memberships.activeCount });
    // Whoever was quicker than this gave them something meanwhile.
    holdsMore = row!.activeCount > 0;
    await endAccess(ctx, tx, agentId);
    await tx.audit("agent.deactivate", agentId, { before: { status: "active" }, after: { status: "deactivated" } });
    endsImpersonations = permissionsOf(member.role).includes("platform.impersonate");
    return presentAgent(tx.db, ctx.tenant.id, agentId);
  });
  if (endsImpersonations) await endImpersonationsOf(ctx, agentId);
  if (!holdsMore) return { agent };
  await handOver(ctx, [agentId]);
  return getAgent(ctx, { agentId });
};
