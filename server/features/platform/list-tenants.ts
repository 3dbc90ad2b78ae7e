import type { AgentCtx } from "../../context.ts";
import type { PlatformTenant } from "../../contract/platform-routes.ts";
import { parseIdCursor } from "../tenant/cursor.ts";
import { ensureStaff } from "./access.ts";
import { presentOverview } from "./present.ts";

type Search = {
  search?: string | undefined;
  status?: string | undefined;
  plan?: string | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
};
const defaultLimit = 30;

/** The workspaces of all customers, the newest first; the cursor is the last one's id. */
export const listTenants = async (
  ctx: AgentCtx,
  { cursor, limit = defaultLimit, ...search }: Search,
): Promise<{ data: PlatformTenant[]; nextCursor: string | null }> => {
  await ensureStaff(ctx);
  const rows = await ctx.node.directory.listTenants({ ...search, afterId: parseIdCursor(cursor), limit: limit + 1 });
  const data = rows.slice(0, limit).map(presentOverview);
  return { data, nextCursor: rows.length > limit ? data.at(-1)!.id : null };
};
