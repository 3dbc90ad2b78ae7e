import { and, eq } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { tenantDomains } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";

/** The row of one of the tenant's host names. */
export const ownDomain = (ctx: AgentCtx, domainId: string) =>
  and(eq(tenantDomains.tenantId, ctx.tenant.id), eq(tenantDomains.id, domainId));

/** One of the tenant's host names, or `not_found`. */
export const accessDomain = async (ctx: AgentCtx, db: Db, domainId: string) => {
  const [row] = await db.select().from(tenantDomains).where(ownDomain(ctx, domainId));
  if (!row) throw new Refusal("not_found", "There is no such domain.");
  return row;
};
