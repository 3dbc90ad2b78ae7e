import { sql } from "drizzle-orm";
import { networkOf } from "../../client-address.ts";
import type { AgentCtx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { planOf } from "../../contract/plans.ts";
import type { Take } from "../../shared-limits.ts";

/** Whoever has us write to strangers has shown first that we can write to them. Throws Refusal `permission_denied`. */
const ensureConfirmed = async ({ node, tenant, actor }: AgentCtx): Promise<void> => {
  const { rows } = await node.tenancy.withTenant(tenant.id, (db) =>
    db.execute(sql`SELECT FROM users WHERE id = ${actor.id} AND email_confirmed_at IS NOT NULL`),
  );
  if (rows.length > 0) return;
  throw new Refusal(
    "permission_denied",
    "Please confirm your own e-mail address before you invite others: follow the link in our mail to you. Your account settings, or POST /auth/email/resend, send it again.",
    { reason: "email_unconfirmed" },
  );
};

/** Large companies come all at once, and their plan is no trial that anybody makes; others pay five points a mail. */
const pointsOf = ({ tenant: { plan } }: AgentCtx): number => (plan && planOf(plan).limits.agents === null ? 1 : 5);

/**
 * Carries out what mails an invitation, where the inviter's address is confirmed and a day's mails of the workspace, the
 * inviter, their address and the recipient are not used up. What comes to nothing counts for nothing. Throws Refusal
 * `permission_denied` or `rate_limited`.
 */
export const mailingInvitation = async <T>(ctx: AgentCtx, recipient: string, work: () => Promise<T>): Promise<T> => {
  const { node, tenant, actor, address = "" } = ctx;
  await ensureConfirmed(ctx);
  const points = pointsOf(ctx);
  const takes: Take[] = [
    { of: "invitationsOfTenant", key: [tenant.id], points },
    { of: "invitationsOfInviter", key: [actor.id], points },
    { of: "invitationsOfAddress", key: [networkOf(address)], points },
    { of: "invitationsOfRecipient", key: [recipient] },
  ];
  const wait = await node.sharedLimits.take(...takes);
  if (wait > 0) {
    ctx.log.warn({ tenantId: tenant.id, actorId: actor.id, address }, "invitations are held back");
    throw new Refusal("rate_limited", "Many invitations were mailed today. Please go on tomorrow.", {
      retryAfterMs: wait,
    });
  }
  try {
    return await work();
  } catch (error) {
    await node.sharedLimits.giveBack(...takes).catch(() => {});
    throw error;
  }
};
