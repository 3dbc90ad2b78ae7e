import { sql } from "drizzle-orm";
import { type AgentCtx, transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { accessRole, ensureMayChange, lockRights } from "../role/rights.ts";
import { presentInvitation } from "./present.ts";

/**
 * Takes an invitation back: its link is worth nothing, its seat is free. Throws Refusal `not_found`,
 * `permission_denied` (it promises more than the actor has) or `conflict`.
 */
export const revokeInvitation = (ctx: AgentCtx, { invitationId }: { invitationId: string }): Promise<void> =>
  transaction(ctx, async (tx) => {
    const rights = await lockRights(ctx, tx, "invitation.create");
    const { email, role, status } = await presentInvitation(tx.db, ctx.tenant.id, invitationId);
    if (status === "accepted") throw new Refusal("conflict", "This invitation was accepted already.");
    ensureMayChange(rights, { name: email, role: await accessRole(ctx, tx, role) });
    const { rowCount } = await tx.db.execute(sql`
      UPDATE invitations SET revoked_at = now()
      WHERE tenant_id = ${ctx.tenant.id} AND id = ${invitationId} AND revoked_at IS NULL`);
    if (rowCount) await tx.audit("invitation.revoke", invitationId, { before: { email, role } });
  });
