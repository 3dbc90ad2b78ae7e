import { and, desc, eq, lt } from "drizzle-orm";
import { apiKeys, users } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../../context.ts";
import type { ApiKey } from "../../contract/access-routes.ts";
import { parseIdCursor } from "../tenant/cursor.ts";
import { presentApiKey } from "./present.ts";

type Page = { cursor?: string | undefined; limit?: number | undefined };

const defaultLimit = 30;

/** The tenant's API keys, the newest first. */
export const listApiKeys = async (
  ctx: AgentCtx,
  { cursor, limit = defaultLimit }: Page,
): Promise<{ data: ApiKey[]; nextCursor: string | null }> => {
  const after = parseIdCursor(cursor);
  const rows = await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    db
      .select({ key: apiKeys, createdByName: users.name })
      .from(apiKeys)
      .innerJoin(users, eq(users.id, apiKeys.createdById))
      .where(and(eq(apiKeys.tenantId, ctx.tenant.id), after === undefined ? undefined : lt(apiKeys.id, after)))
      .orderBy(desc(apiKeys.id))
      .limit(limit + 1),
  );
  const page = rows.slice(0, limit);
  return {
    data: page.map(({ key, createdByName }) => presentApiKey(key, createdByName)),
    nextCursor: rows.length > limit ? page.at(-1)!.key.id : null,
  };
};
