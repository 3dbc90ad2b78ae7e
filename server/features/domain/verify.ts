import { and, isNull, sql } from "drizzle-orm";
import { databaseErrorCode } from "../../../db/client.ts";
import { tenantDomains } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import type { Domain } from "../../contract/access-routes.ts";
import { Refusal } from "../../contract/errors.ts";
import { accessDomain, ownDomain } from "./access.ts";
import { presentDomain } from "./present.ts";
import { isPublished, recordOf } from "./record.ts";

const uniqueViolation = "23505";

/**
 * Looks for the record of a host name and counts the name as the workspace's own from then on. Throws Refusal: `conflict`
 * where the record is not there or another workspace has the name, `unavailable` where DNS does not answer.
 */
export const verifyDomain = async (ctx: AgentCtx, { domainId }: { domainId: string }): Promise<{ domain: Domain }> => {
  const { tenancy, config } = ctx.node;
  const claimed = await tenancy.withTenant(ctx.tenant.id, (db) => accessDomain(ctx, db, domainId));
  if (claimed.verifiedAt) return { domain: presentDomain(claimed) };
  // Asked before the transaction: name servers are slow, and may be anybody's.
  const record = recordOf(claimed.host, claimed.token);
  if (!(await isPublished(config, record)))
    throw new Refusal(
      "conflict",
      `${record.name} has no such TXT record yet. A new record may take a while to be seen.`,
      {
        record,
      },
    );
  try {
    return await transaction(ctx, async (tx) => {
      const [verified] = await tx.db
        .update(tenantDomains)
        .set({ verifiedAt: sql`now()` })
        .where(and(ownDomain(ctx, domainId), isNull(tenantDomains.verifiedAt)))
        .returning();
      if (!verified) return { domain: presentDomain(await accessDomain(ctx, tx.db, domainId)) };
      await tx.audit("domain.verify", domainId, { after: { host: verified.host } });
      return { domain: presentDomain(verified) };
    });
  } catch (error) {
    if (databaseErrorCode(error) !== uniqueViolation) throw error;
    throw new Refusal("conflict", `${claimed.host} belongs to another workspace. It must be given up there first.`);
  }
};
