import { sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { Refusal } from "../../contract/errors.ts";

/**
 * A request that may take effect once: where its key stands, and whether its effect is committed. One object per request,
 * shared by all contexts made for it.
 */
export type Once = { tenantId: string; scope: string; key: string; taken: boolean };

/** Stands where the answer will: the effect is committed, the answer not kept yet. */
export const taken = "taken";

/**
 * Says in the very transaction that changes something that the key has taken effect. So a lost answer is never a second
 * effect, and of two requests that both believe to be the first only one commits. Throws `conflict` for the other.
 */
export const markTaken = async (db: Db, { tenantId, scope, key }: Once): Promise<void> => {
  const { rowCount } = await db.execute(sql`
    UPDATE idempotency_keys SET answer = ${taken}
    WHERE tenant_id = ${tenantId} AND scope = ${scope} AND key = ${key} AND answer IS NULL`);
  if (rowCount !== 1) throw new Refusal("conflict", "Another request with this Idempotency-Key came first.");
};
