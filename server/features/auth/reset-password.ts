import { Refusal } from "../../contract/errors.ts";
import { changeLogin } from "./change-login.ts";
import { changedMail } from "./mails.ts";
import { hashPassword } from "./password.ts";
import { isResetTokenOf, readResetToken } from "./reset-token.ts";
import type { AuthParts, Visit } from "./session.ts";
import { writePassword } from "./write-password.ts";

const spentLink = () =>
  new Refusal("unauthenticated", "This link is no longer valid. Please ask for a new one.", { reason: "reset_token" });

/**
 * Sets a new password by the token of a mailed link, which works once, and ends every session of the login. It signs nobody
 * in: whoever reads somebody's mail lacks their second factor still. Throws Refusal `unauthenticated`.
 */
export const resetPassword = async (
  { node, failedLogins }: AuthParts,
  { token, password }: { token: string; password: string },
  visit: Visit,
): Promise<void> => {
  await failedLogins.countVisit("asking", visit.address);
  const read = readResetToken(token);
  const login = read && (await node.directory.findLoginById(read.userId));
  if (!login || !isResetTokenOf(node.config, login, read)) throw spentLink();
  await changeLogin(
    { node, user: { id: login.userId, name: login.name }, requestId: visit.requestId, address: visit.address },
    {
      action: "password.reset",
      write: writePassword(login, await hashPassword(password), spentLink),
      end: "all",
      mail: changedMail(node.config, login.email, "password"),
    },
  );
  await failedLogins.forgive(visit.address, login.email);
};
