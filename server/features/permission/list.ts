import { sql } from "drizzle-orm";
import type { AgentCtx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { PermissionInfo } from "../../contract/people-routes.ts";
import { type Permission, permissions, tenantPermissions } from "../../contract/permissions.ts";

type Query = { cursor?: string | undefined; limit?: number | undefined };

const all = Object.keys(permissions) as Permission[];
const defaultLimit = 100;

/** What roles of the actor's workspace can hold; those of Parley's own staff in the platform's workspace only. */
export const listPermissions = async (
  ctx: AgentCtx,
  { cursor, limit = defaultLimit }: Query,
): Promise<{ data: PermissionInfo[]; nextCursor: string | null }> => {
  const { rows } = await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    db.execute<{ kind: string }>(sql`SELECT kind FROM tenants WHERE id = ${ctx.tenant.id}`),
  );
  const keys = rows[0]?.kind === "platform" ? all : tenantPermissions;
  const from = cursor === undefined ? 0 : keys.indexOf(cursor as Permission) + 1;
  if (cursor !== undefined && from === 0) throw new Refusal("invalid_payload", "The cursor is not valid here.");
  const data = keys.slice(from, from + limit).map((key) => ({ key, description: permissions[key] }));
  return { data, nextCursor: from + limit < keys.length ? data.at(-1)!.key : null };
};
