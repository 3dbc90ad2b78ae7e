import { and, eq, sql } from "drizzle-orm";
import { memberships } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Agent } from "../../contract/people-routes.ts";
import { ensureMayChange, ensureMayGive, lockRights } from "../role/rights.ts";
import { ensureWithin } from "../usage/ensure-within.ts";
import { accessMember } from "./access.ts";
import { endAccess } from "./end-access.ts";
import { presentAgent } from "./present.ts";

/**
 * Brings a member back as they were; they sign in anew and make their API keys anew. Throws Refusal `not_found`,
 * `permission_denied` (their role or their departments are more than the actor has), `conflict` or `limit_exceeded`.
 */
export const reactivateAgent = async (ctx: AgentCtx, { agentId }: { agentId: string }): Promise<{ agent: Agent }> => ({
  agent: await transaction(ctx, async (tx) => {
    const rights = await lockRights(ctx, tx, "agent.deactivate");
    const member = await accessMember(ctx, tx, agentId);
    if (member.status === "active") throw new Refusal("conflict", `${member.name} is active already.`);
    ensureMayChange(rights, member);
    ensureMayGive(rights, member);
    await ensureWithin(ctx, tx, "agents");
    await tx.db
      .update(memberships)
      .set({ status: "active", deactivatedAt: null, accessVersion: sql`${memberships.accessVersion} + 1` })
      .where(and(eq(memberships.tenantId, ctx.tenant.id), eq(memberships.userId, agentId)));
    await endAccess(ctx, tx, agentId);
    await tx.audit("agent.reactivate", agentId, { before: { status: "deactivated" }, after: { status: "active" } });
    return presentAgent(tx.db, ctx.tenant.id, agentId);
  }),
});
