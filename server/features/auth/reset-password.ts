import { sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { Refusal } from "../../contract/errors.ts";
import { changeLogin } from "./change-login.ts";
import { changedMail } from "./mails.ts";
import { hashPassword } from "./password.ts";
import { loginOfResetToken } from "./reset-token.ts";
import type { AuthParts, Visit } from "./session.ts";
import { writeConfirmed } from "./write-confirmed.ts";
import { writePassword } from "./write-password.ts";

/** Ends what whoever signed up with an address that was not theirs could still get in by, or lock it with. */
const dropForeign = async (db: Db, userId: string): Promise<void> => {
  await db.execute(sql`
    UPDATE users SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = NULL, recovery_hashes = '{}'
    WHERE id = ${userId}`);
  await db.execute(sql`
    UPDATE api_keys SET revoked_at = now() WHERE created_by_id = ${userId} AND revoked_at IS NULL`);
};

const spentLink = () =>
  new Refusal("unauthenticated", "This link is no longer valid. Please ask for a new one.", { reason: "reset_token" });

/**
 * Sets a new password by the token of a mailed link, which works once, and ends every session of the login. The link was
 * mailed to the address and so confirms it. It signs nobody in, and leaves the second factor of a confirmed address as it is:
 * whoever reads somebody's mail lacks that still. What was set up before anybody had confirmed it is not the owner's, and
 * ends. Throws Refusal `unauthenticated`.
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
        if (await writeConfirmed(db, login.userId)) await dropForeign(db, login.userId);
      },
      end: "all",
      mail: changedMail(node.config, login.email, "password"),
    },
  );
  await failedLogins.forgive(visit.address, login.email);
};
