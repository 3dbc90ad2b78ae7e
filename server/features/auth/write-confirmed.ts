import { sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";

/** Notes that the address of a login was shown to be its owner's. Answers whether nobody had shown it before. */
export const writeConfirmed = async (db: Db, userId: string): Promise<boolean> => {
  const { rowCount } = await db.execute(sql`
    UPDATE users SET email_confirmed_at = now() WHERE id = ${userId} AND email_confirmed_at IS NULL`);
  return rowCount === 1;
};
