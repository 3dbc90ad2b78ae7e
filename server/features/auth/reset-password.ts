import { Refusal } from "../../contract/errors.ts";
import { changeLogin } from "./change-login.ts";
import { changedMail } from "./mails.ts";
import { hashPassword } from "./password.ts";
import { loginOfResetToken } from "./reset-token.ts";
import type { AuthParts, Visit } from "./session.ts";
import { writeConfirmed } from "./write-confirmed.ts";
import { writePassword } from "./write-password.ts";

const spentLink = () =>
  new Refusal("unauthenticated", "This link is no longer valid. Please ask for a new one.", { reason: "reset_token" });

/**
 * Sets a new password by the token of a mailed link, which works once, and ends every session of the login. The link was
 * mailed to the address and so confirms it. It signs nobody in, and leaves the second factor as it is: whoever reads
 * somebody's mail lacks that still. Throws Refusal `unauthenticated`.
 */
export const resetPassword = async (
  { node, failedLogins }: AuthParts,
  { token, password }: { token: string; password: string },
  visit: Visit,
): Promise<void> => {
  await failedLogins.countVisit("asking", visit.address);
  const login = await loginOfResetToken(node, token);
  if (!login) throw spentLink();
  const write = writePassword(login, await hashPassword(password, { ...visit, email: login.email }), spentLink);
  await changeLogin(
    { node, user: { id: login.userId, name: login.name }, requestId: visit.requestId, address: visit.address },
    {
      action: "password.reset",
      write: async (db) => {
        await write(db);
        await writeConfirmed(db, login.userId);
      },
      end: "all",
      mail: changedMail(node.config, login.email, "password"),
    },
  );
  await failedLogins.forgive(visit.address, login.email);
};
