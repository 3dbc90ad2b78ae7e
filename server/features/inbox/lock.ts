import { and, eq } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { inboxes, inboxKeys } from "../../../db/schema/index.ts";
import { Refusal } from "../../contract/errors.ts";
import { noInbox } from "./present.ts";

export type InboxRow = typeof inboxes.$inferSelect;

/**
 * The inbox, locked until the transaction ends: nobody who writes to it for the first time gets past. Throws Refusal
 * `not_found`, or `conflict` for one that is archived.
 */
export const lockInbox = async (db: Db, tenantId: string, inboxId: string): Promise<InboxRow> => {
  const [row] = await db
    .select()
    .from(inboxes)
    .where(and(eq(inboxes.tenantId, tenantId), eq(inboxes.id, inboxId)))
    .for("update");
  if (!row) throw noInbox();
  const [place] = await db
    .select({ key: inboxKeys.key })
    .from(inboxKeys)
    .where(and(eq(inboxKeys.tenantId, tenantId), eq(inboxKeys.key, row.key)));
  if (!place) throw new Refusal("conflict", `${row.name} is archived and can't be changed.`);
  return row;
};
