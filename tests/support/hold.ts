import { onTestFinished } from "vitest";
import type pg from "pg";

/** Holds what a statement locks or writes until it is let go, at the latest when the test ends; as somebody at a console would. */
export const hold = async (
  superuser: pg.Pool,
  statement: string,
  values: unknown[] = [],
): Promise<() => Promise<void>> => {
  const client = await superuser.connect();
  let held = true;
  const letGo = async () => {
    if (!held) return;
    held = false;
    await client.query("ROLLBACK");
    client.release();
  };
  onTestFinished(letGo);
  await client.query("BEGIN");
  await client.query(statement, values);
  return letGo;
};

/** Holds a conversation's row in the strongest way there is. */
export const holdConversation = (superuser: pg.Pool, conversationId: string): Promise<() => Promise<void>> =>
  hold(superuser, "SELECT FROM conversations WHERE id = $1 FOR UPDATE", [conversationId]);
