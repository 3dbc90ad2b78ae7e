import { sql } from "drizzle-orm";
import type { AgentCtx } from "../../context.ts";
import type { Department } from "../../contract/department-routes.ts";
import { Refusal } from "../../contract/errors.ts";
import { presentDepartment, selectDepartments } from "./present.ts";

type Page = { archived?: boolean | undefined; cursor?: string | undefined; limit?: number | undefined };

/** `position.id` of the last row of a page; opaque to clients. */
const parseCursor = (cursor: string) => {
  const [, position, id] = /^(\d{1,7})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/u.exec(cursor) ?? [];
  if (position === undefined) throw new Refusal("invalid_payload", "The cursor is not one of ours.");
  return sql`(d.position, d.id) > (${Number(position)}::integer, ${id}::uuid)`;
};

/** The workspace's departments by position, a page at a time: those at work, or those archived. */
export const listDepartments = async (
  ctx: AgentCtx,
  { archived = false, cursor, limit = 50 }: Page,
): Promise<{ data: Department[]; nextCursor: string | null }> => {
  const after = cursor === undefined ? sql`true` : parseCursor(cursor);
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
