import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { invitations } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction, type Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Invitation } from "../../contract/people-routes.ts";
import { ensureDepartments } from "../agent/belong.ts";
import { accessRole, ensureMayGive, lockRights } from "../role/rights.ts";
import { ensureWithin } from "../usage/ensure-within.ts";
import { ensureNotTooOften, invitationDays, mailInvitation } from "./invite.ts";
import { mailingInvitation } from "./may-invite.ts";
import { presentInvitation } from "./present.ts";
import { hashOfSecret, newSecret } from "./token.ts";

type Body = { email: string; role: string; departmentIds?: string[] | undefined };

/** Refuses who is here or asked already. Throws Refusal `conflict`. */
const ensureNew = async (ctx: AgentCtx, tx: Tx, email: string): Promise<void> => {
  // An invitation that ran out stands in nobody's way.
  await tx.db.execute(sql`
    UPDATE invitations SET revoked_at = now()
    WHERE tenant_id = ${ctx.tenant.id} AND email = ${email} AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at <= now()`);
  const { rows } = await tx.db.execute<{ status: string }>(sql`
    SELECT m.status FROM users u JOIN memberships m ON m.tenant_id = ${ctx.tenant.id} AND m.user_id = u.id
    WHERE u.email = ${email}
    UNION ALL
    SELECT 'invited' FROM invitations
    WHERE tenant_id = ${ctx.tenant.id} AND email = ${email} AND accepted_at IS NULL AND revoked_at IS NULL`);
  const status = rows[0]?.status;
  if (status === "active") throw new Refusal("conflict", "This person is a member already.");
  if (status === "deactivated")
    throw new Refusal("conflict", "This person is a deactivated member. Bring them back instead of inviting them.");
  if (status === "invited")
    throw new Refusal("conflict", "This person is invited already. Send the invitation again instead.");
};

/**
 * Keeps a seat for somebody and mails them a link. Throws Refusal `permission_denied` (role or departments are more
 * than the actor has, or their own address is not confirmed), `not_found` (role or department), `conflict`,
 * `limit_exceeded` or `rate_limited`.
 */
export const createInvitation = async (
  ctx: AgentCtx,
  { email: written, role: roleKey, departmentIds = [] }: Body,
): Promise<{ invitation: Invitation }> => {
  const email = written.toLowerCase();
  const create = async (tx: Tx) => {
    const rights = await lockRights(ctx, tx, "invitation.create");
    const role = await accessRole(ctx, tx, roleKey);
    ensureMayGive(rights, { role });
    await ensureDepartments(ctx, tx, departmentIds);
    ensureMayGive(rights, { departmentIds });
    await ensureNew(ctx, tx, email);
    await ensureWithin(ctx, tx, "agents");
    await ensureNotTooOften(ctx, tx, email);
    const [invitationId, secret] = [uuidv7(), newSecret()];
    await tx.db.insert(invitations).values({
      tenantId: ctx.tenant.id,
      id: invitationId,
      email,
      role: roleKey,
      departmentIds,
      tokenHash: hashOfSecret(secret),
      invitedById: ctx.actor.id,
      expiresAt: sql`now() + make_interval(days => ${invitationDays})`,
    });
    await mailInvitation(ctx, tx, { invitationId, email, roleName: role.name, secret });
    await tx.audit("invitation.create", invitationId, { after: { email, role: roleKey, departmentIds } });
    return presentInvitation(tx.db, ctx.tenant.id, invitationId);
  };
  return { invitation: await mailingInvitation(ctx, email, () => transaction(ctx, create)) };
};
