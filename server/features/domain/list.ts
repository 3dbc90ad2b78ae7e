import { and, desc, eq, lt } from "drizzle-orm";
import { tenantDomains } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../../context.ts";
import type { Domain } from "../../contract/access-routes.ts";
import { parseIdCursor } from "../tenant/cursor.ts";
import { presentDomain } from "./present.ts";

type Page = { cursor?: string | undefined; limit?: number | undefined };

const defaultLimit = 30;

/** The workspace's own host names, the newest first. */
export const listDomains = async (
  ctx: AgentCtx,
  { cursor, limit = defaultLimit }: Page,
): Promise<{ data: Domain[]; nextCursor: string | null }> => {
  const after = parseIdCursor(cursor);
  const rows = await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    db
      .select()
      .from(tenantDomains)
      .where(
        and(eq(tenantDomains.tenantId, ctx.tenant.id), after === undefined ? undefined : lt(tenantDomains.id, after)),
      )
      .orderBy(desc(tenantDomains.id))
      .limit(limit + 1),
  );
  const page = rows.slice(0, limit);
  return { data: page.map(presentDomain), nextCursor: rows.length > limit ? page.at(-1)!.id : null };
};
