import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Inbox } from "../../contract/inbox-routes.ts";
import { identitySecretId } from "./secret.ts";

export const noInbox = () => new Refusal("not_found", "There is no such inbox.");

/** SQL over an inbox `i`: whether its key opens nothing any more. */
export const isArchived = sql`NOT EXISTS (SELECT FROM inbox_keys k WHERE k.key = i.key AND k.tenant_id = i.tenant_id)`;

type Row = Omit<Inbox, "identitySecrets"> & { secrets: string[] };

/** Inboxes as the wire shows them, in the order of their ids and without their secrets. `where` speaks of a table `i`. */
export const selectInboxes = async (db: Db, tenantId: string, where: SQL, most: number): Promise<Inbox[]> => {
  const { rows } = await db.execute<Row>(sql`
    SELECT i.id, i.name, i.key, i.channel, i.allowed_origins AS "allowedOrigins", i.department_id AS "departmentId",
      i.identity_secrets AS secrets, ${isArchived} AS archived, wire_time(i.created_at) AS "createdAt"
    FROM inboxes i WHERE i.tenant_id = ${tenantId} AND ${where} ORDER BY i.id LIMIT ${most}`);
  return rows.map(({ secrets, ...row }) => ({
    ...row,
    identitySecrets: secrets.map((secret) => ({ id: identitySecretId(secret) })),
  }));
};

/** One of them, or `not_found`. */
export const presentInbox = async (db: Db, tenantId: string, id: string): Promise<Inbox> => {
  const [found] = await selectInboxes(db, tenantId, sql`i.id = ${id}`, 1);
  if (!found) throw noInbox();
  return found;
};
