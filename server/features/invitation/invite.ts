import { sql } from "drizzle-orm";
import type { AgentCtx, Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { linkTo } from "../mail/link.ts";
import { queueMail } from "../mail/queue.ts";
import { invitationMail } from "../mail/texts/invitation.ts";
import { writeToken } from "./token.ts";

export const invitationDays = 7;
const mostMailsAnHour = 5;

/** Nobody's mailbox may be filled by inviting them again and again. Throws Refusal `rate_limited`. */
export const ensureNotTooOften = async (ctx: AgentCtx, tx: Tx, email: string): Promise<void> => {
  const { rows } = await tx.db.execute<{ mails: number; waitMs: number }>(sql`
    SELECT count(*)::float8 AS mails, (extract(epoch FROM min(created_at) + interval '1 hour' - now()) * 1000)::float8 AS "waitMs"
    FROM mails
    WHERE tenant_id = ${ctx.tenant.id} AND kind = 'invitation' AND recipient = ${email} AND created_at > now() - interval '1 hour'`);
  const { mails, waitMs } = rows[0]!;
  if (mails >= mostMailsAnHour * ctx.node.config.RATE_LIMIT_FACTOR)
    throw new Refusal("rate_limited", "This person was sent several mails just now. Please try again in an hour.", {
      retryAfterMs: Math.ceil(waitMs),
    });
};

type Invited = { invitationId: string; email: string; roleName: string; secret: string };

/** Writes the mail that carries the only copy of the secret. */
export const mailInvitation = async (
  ctx: AgentCtx,
  tx: Tx,
  { invitationId, email, roleName, secret }: Invited,
): Promise<void> => {
  const token = writeToken({ tenantId: ctx.tenant.id, invitationId, secret });
  const mail = invitationMail({
    to: email,
    inviter: ctx.actor.name,
    workspace: ctx.tenant.name,
    roleName,
    url: linkTo(ctx.node.config, "invitation", { token }),
    days: invitationDays,
  });
  await queueMail(tx, ctx.tenant.id, mail);
};
