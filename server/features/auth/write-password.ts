import { sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import type { Login } from "../../../db/directory.ts";
import type { Refusal } from "../../contract/errors.ts";

/**
 * Sets a password in the place of the one that was proven or that a link was made for; of two at once one finds it. A second
 * factor stays. One that was begun by the password before and waits for its first code does not: the request that brings
 * the code may be on its way from a session that ends now.
 */
export const writePassword =
  ({ userId, passwordHash }: Login, next: string, overtaken: () => Refusal) =>
  async (db: Db): Promise<void> => {
    const { rowCount } = await db.execute(sql`
      UPDATE users SET password_hash = ${next}, password_changed_at = now(),
        totp_secret = CASE WHEN totp_confirmed_at IS NOT NULL THEN totp_secret END
      WHERE id = ${userId} AND password_hash IS NOT DISTINCT FROM ${passwordHash}`);
    if (rowCount !== 1) throw overtaken();
  };
