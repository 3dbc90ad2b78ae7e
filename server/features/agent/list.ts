import { sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import type { AgentCtx } from "../../context.ts";
import type { Agent } from "../../contract/people-routes.ts";
import { parseIdCursor } from "../tenant/cursor.ts";
import { presentedAgent } from "./present.ts";

export type AgentQuery = {
  status?: Agent["status"] | undefined;
  role?: string | undefined;
  departmentId?: string | undefined;
  search?: string | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
};

const defaultLimit = 50;

type Page = { data: Agent[]; nextCursor: string | null };

/** A tenant's members by name, a page at a time. A page's cursor is the id of its last member. */
export const findAgents = async (
  db: Db,
  tenantId: string,
  { status, role, departmentId, search, cursor, limit = defaultLimit }: AgentQuery,
): Promise<Page> => {
  const after = parseIdCursor(cursor);
  const conditions = [sql`m.tenant_id = ${tenantId}`];
  if (status) conditions.push(sql`m.status = ${status}`);
  if (role) conditions.push(sql`m.role = ${role}`);
  if (departmentId)
    conditions.push(sql`EXISTS (
      SELECT FROM department_members dm
      WHERE dm.tenant_id = m.tenant_id AND dm.department_id = ${departmentId} AND dm.user_id = m.user_id)`);
  if (search)
    conditions.push(
      sql`(position(fold_text(${search}) IN fold_text(u.name)) > 0 OR position(lower(${search}) IN u.email) > 0)`,
    );
  if (after)
    conditions.push(sql`(u.name, u.id) > (SELECT last.name, last.id FROM users last WHERE last.id = ${after})`);
  const { rows } = await db.execute<Agent>(
    sql`${presentedAgent} WHERE ${sql.join(conditions, sql` AND `)} ORDER BY u.name, u.id LIMIT ${limit + 1}`,
  );
  const data = rows.slice(0, limit);
  return { data, nextCursor: rows.length > limit ? data.at(-1)!.id : null };
};

export const listAgents = ({ tenant, node }: AgentCtx, query: AgentQuery): Promise<Page> =>
  node.tenancy.withTenant(tenant.id, (db) => findAgents(db, tenant.id, query));
