import type { AgentCtx } from "../../context.ts";
import type { Agent } from "../../contract/people-routes.ts";
import { presentAgent } from "./present.ts";

/** A member of the tenant. Throws Refusal `not_found`. */
export const getAgent = async (ctx: AgentCtx, { agentId }: { agentId: string }): Promise<{ agent: Agent }> => ({
  agent: await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) => presentAgent(db, ctx.tenant.id, agentId)),
});
