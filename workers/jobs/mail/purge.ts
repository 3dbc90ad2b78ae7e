import { sql } from "drizzle-orm";
import { askAcrossTenants } from "../../../db/across-tenants.ts";
import type { Node } from "../../../server/context.ts";

/**
 * Gives up what waited three days for a mail server that never came, and forgets mails after thirty days. The demo's stay
 * readable for a week.
 */
export const purgeMail = async ({ tenancy, log }: Node): Promise<void> => {
  const givenUp = await askAcrossTenants(
    tenancy,
    (tenants) => sql`
      UPDATE mails SET text = NULL, html = NULL, failed_at = now(), next_attempt_at = 'infinity',
        last_error = coalesce(last_error, 'there was no mail server')
      WHERE tenant_id = ANY(${tenants}) AND sent_at IS NULL AND failed_at IS NULL AND created_at < now() - interval '3 days' RETURNING id`,
  );
  if (givenUp.length > 0) log.error({ mails: givenUp.length }, "mails were given up");
  await askAcrossTenants(
    tenancy,
    (tenants) => sql`
      UPDATE mails SET text = NULL, html = NULL
      WHERE tenant_id = ANY(${tenants}) AND text IS NOT NULL AND sent_at IS NOT NULL AND created_at < now() - interval '7 days'`,
  );
  await askAcrossTenants(
    tenancy,
    (tenants) => sql`DELETE FROM mails WHERE tenant_id = ANY(${tenants}) AND created_at < now() - interval '30 days'`,
  );
};
