import type { AgentCtx } from "../../context.ts";
import type { Invitation } from "../../contract/people-routes.ts";
import { presentInvitation } from "./present.ts";

/** An invitation of the tenant. Throws Refusal `not_found`. */
export const getInvitation = async (
  ctx: AgentCtx,
  { invitationId }: { invitationId: string },
): Promise<{ invitation: Invitation }> => ({
  invitation: await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    presentInvitation(db, ctx.tenant.id, invitationId),
  ),
});
