import { sql } from "drizzle-orm";
import * as v from "valibot";
import type { AgentCtx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { MemberRole } from "../../contract/people-routes.ts";
import { RoleKey } from "../../contract/role-routes.ts";
import { presentedRole, presentRole } from "./present.ts";

type Query = { cursor?: string | undefined; limit?: number | undefined };

const defaultLimit = 50;

/** The tenant's roles, the built-in ones first, then by key. A page's cursor is the key of its last role. */
export const listRoles = async (
  ctx: AgentCtx,
  { cursor, limit = defaultLimit }: Query,
): Promise<{ data: MemberRole[]; nextCursor: string | null }> => {
  if (cursor !== undefined && !v.is(RoleKey, cursor))
    throw new Refusal("invalid_payload", "The cursor is not valid here.");
  const { rows } = await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    db.execute<MemberRole>(sql`
      ${presentedRole} WHERE r.tenant_id = ${ctx.tenant.id} AND (${cursor ?? null}::text IS NULL OR (NOT r.built_in, r.key) >
        (SELECT NOT last.built_in, last.key FROM roles last WHERE last.tenant_id = ${ctx.tenant.id} AND last.key = ${cursor ?? null}))
      ORDER BY NOT r.built_in, r.key LIMIT ${limit + 1}`),
  );
  const data = rows.slice(0, limit).map(presentRole);
  return { data, nextCursor: rows.length > limit ? data.at(-1)!.key : null };
};
