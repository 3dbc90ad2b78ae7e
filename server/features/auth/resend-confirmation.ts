import { type AgentCtx, transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { queueMail } from "../mail/queue.ts";
import { confirmLink } from "./confirm-token.ts";
import { confirmMail } from "./mails.ts";
import type { AuthParts } from "./session.ts";

/** Mails the caller a link that confirms their address. Throws Refusal `conflict`, `rate_limited`. */
export const resendConfirmation = async ({ failedLogins }: AuthParts, ctx: AgentCtx): Promise<void> => {
  const { node, tenant, actor } = ctx;
  const login = (await node.directory.findLoginById(actor.id))!;
  if (login.emailConfirmedAt) throw new Refusal("conflict", "Your address is confirmed already.");
  await failedLogins.countVisit("asking", ctx.address ?? "");
  if (!(await failedLogins.mayMail("email_confirmation", login.email)))
    throw new Refusal(
      "rate_limited",
      "We have sent several links already. Please look for them in your inbox, or ask again in an hour.",
      {
        retryAfterMs: 3_600_000,
      },
    );
  await transaction(ctx, async (tx) => {
    await queueMail(tx, tenant.id, confirmMail(login.email, confirmLink(node.config, login)));
    await tx.audit("auth.resend_confirmation", actor.id);
  });
};
