import type { AgentCtx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { changeLogin } from "./change-login.ts";
import { changedMail } from "./mails.ts";
import { hashPassword } from "./password.ts";
import { provePerson } from "./prove.ts";
import type { AuthParts } from "./session.ts";
import { writePassword } from "./write-password.ts";

/**
 * Changes the caller's password and ends their other sessions. Throws Refusal `permission_denied` for a wrong one, and where
 * a second factor is on for a code that is wrong or missing.
 */
export const changePassword = async (
  parts: AuthParts,
  ctx: AgentCtx,
  { currentPassword, password, code }: { currentPassword: string; password: string; code?: string | undefined },
): Promise<void> => {
  const login = await provePerson(parts, ctx, { password: currentPassword, code }, { askCode: true });
  const overtaken = () => new Refusal("conflict", "The password was changed a moment ago. Please try again.");
  await changeLogin(
    { ...ctx, user: ctx.actor },
    {
      action: "password.change",
      write: writePassword(
        login,
        await hashPassword(password, { address: ctx.address, email: login.email }),
        overtaken,
      ),
      end: { allBut: ctx.actor.sessionId },
      mail: changedMail(ctx.node.config, login.email, "password"),
    },
  );
};
