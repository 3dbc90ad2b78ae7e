import { sql } from "drizzle-orm";
import type { Node } from "../../../server/context.ts";

/**
 * Gives up what waited three days for a mail server that never came, and forgets mails after thirty days. The demo's stay
 * readable for a week.
 */
export const purgeMail = async (node: Node): Promise<void> => {
  for (const database of node.tenancy.databases()) {
    const tenants = await database.call<{ id: string }>("tenants", "SELECT list_tenant_ids() AS id", []);
    const tenantIds = tenants.map(({ id }) => id);
    if (tenantIds.length === 0) continue;
    await node.tenancy.withTenants(database, tenantIds, async (db) => {
      const { rowCount } = await db.execute(sql`
        UPDATE mails SET text = NULL, html = NULL, failed_at = now(), next_attempt_at = 'infinity',
          last_error = coalesce(last_error, 'there was no mail server')
        WHERE sent_at IS NULL AND failed_at IS NULL AND created_at < now() - interval '3 days'`);
      if (rowCount) node.log.error({ mails: rowCount }, "mails were given up");
      await db.execute(sql`
        UPDATE mails SET text = NULL, html = NULL
        WHERE text IS NOT NULL AND sent_at IS NOT NULL AND created_at < now() - interval '7 days'`);
      await db.execute(sql`DELETE FROM mails WHERE created_at < now() - interval '30 days'`);
    });
  }
};
