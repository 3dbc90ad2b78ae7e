import { sql } from "drizzle-orm";
import type { AgentCtx } from "../../context.ts";
import type { Department } from "../../contract/department-routes.ts";
import { parseCursor } from "../tenant/cursor.ts";
import { presentDepartment, selectDepartments } from "./present.ts";

type Page = { archived?: boolean | undefined; cursor?: string | undefined; limit?: number | undefined };

/** What comes after the last row of a page. */
const behind = (cursor: string) => {
  const { numbers, id } = parseCursor(cursor, ["number"]);
  return sql`(d.position, d.id) > (${numbers[0]}::bigint, ${id}::uuid)`;
};

/** The workspace's departments by position, a page at a time: those at work, or those archived. */
export const listDepartments = async (
  ctx: AgentCtx,
  { archived = false, cursor, limit = 50 }: Page,
): Promise<{ data: Department[]; nextCursor: string | null }> => {
  const after = cursor === undefined ? sql`true` : behind(cursor);
  const where = sql`(d.archived_at IS NOT NULL) = ${archived} AND ${after}`;
  const rows = await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    selectDepartments(db, ctx.tenant.id, where, limit + 1),
  );
  const data = rows.slice(0, limit);
  const last = rows.length > limit ? data.at(-1) : undefined;
  return { data, nextCursor: last ? `${last.position}.${last.id}` : null };
};

/** Throws Refusal `not_found`. */
export const getDepartment = async (
  ctx: AgentCtx,
  { departmentId }: { departmentId: string },
): Promise<{ department: Department }> => ({
  department: await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    presentDepartment(db, ctx.tenant.id, departmentId),
  ),
});
