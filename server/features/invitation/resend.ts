import { sql } from "drizzle-orm";
import { type AgentCtx, transaction, type Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Invitation } from "../../contract/people-routes.ts";
import { accessRole, ensureMayGive, lockRights } from "../role/rights.ts";
import { ensureWithin } from "../usage/ensure-within.ts";
import { ensureNotTooOften, invitationDays, mailInvitation } from "./invite.ts";
import { mailingInvitation } from "./may-invite.ts";
import { presentInvitation } from "./present.ts";
import { hashOfSecret, newSecret } from "./token.ts";

/**
 * Mails a new link; the one before is worth nothing from now on. It is the actor who invites now, so they must hold what
 * it promises. Throws Refusal `not_found`, `permission_denied`, `conflict`, `limit_exceeded` or `rate_limited`.
 */
export const resendInvitation = async (
  ctx: AgentCtx,
  { invitationId }: { invitationId: string },
): Promise<{ invitation: Invitation }> => {
  const resend = async (tx: Tx) => {
    const rights = await lockRights(ctx, tx, "invitation.create");
    const { email, role: roleKey, departmentIds, status } = await presentInvitation(tx.db, ctx.tenant.id, invitationId);
    if (status === "accepted") throw new Refusal("conflict", "This invitation was accepted already.");
    if (status === "revoked") throw new Refusal("conflict", "This invitation was revoked. Please invite them again.");
    const role = await accessRole(ctx, tx, roleKey);
    ensureMayGive(rights, { role, departmentIds });
    // One that ran out has lost its seat.
    if (status === "expired") await ensureWithin(ctx, tx, "agents");
    await ensureNotTooOften(ctx, tx, email);
    const secret = newSecret();
    const { rowCount } = await tx.db.execute(sql`
      UPDATE invitations SET token_hash = ${hashOfSecret(secret)}, invited_by_id = ${ctx.actor.id},
        expires_at = now() + make_interval(days => ${invitationDays})
      WHERE tenant_id = ${ctx.tenant.id} AND id = ${invitationId} AND accepted_at IS NULL AND revoked_at IS NULL`);
    // Expired, and another has taken its place since.
    if (rowCount === 0) throw new Refusal("conflict", "There is a newer invitation for this person.");
    await mailInvitation(ctx, tx, { invitationId, email, roleName: role.name, secret });
    await tx.audit("invitation.resend", invitationId, { after: { email, role: roleKey } });
    return presentInvitation(tx.db, ctx.tenant.id, invitationId);
  };
  const { email } = await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    presentInvitation(db, ctx.tenant.id, invitationId),
  );
  return { invitation: await mailingInvitation(ctx, email, () => transaction(ctx, resend)) };
};
