import { sql } from "drizzle-orm";
import type { AgentCtx, Tx } from "../../context.ts";
import type { RoleRow } from "../role/rights.ts";
import { noAgent } from "./present.ts";

export type Member = {
  id: string;
  name: string;
  status: "active" | "deactivated";
  capacity: number;
  skills: Record<string, number>;
  role: RoleRow;
  /** Those that take conversations, in the order of their ids. */
  departmentIds: string[];
};

/** A member of the tenant with the role they have. Throws Refusal `not_found`. */
export const accessMember = async (ctx: AgentCtx, tx: Tx, agentId: string): Promise<Member> => {
  const { rows } = await tx.db.execute<Member>(sql`
    SELECT m.user_id AS id, u.name, m.status, m.capacity, m.skills,
      json_build_object('key', r.key, 'name', r.name, 'builtIn', r.built_in, 'permissions', r.permissions) AS role,
      ARRAY(SELECT d.id::text FROM department_members dm
        JOIN departments d ON d.tenant_id = dm.tenant_id AND d.id = dm.department_id
        WHERE dm.tenant_id = m.tenant_id AND dm.user_id = m.user_id AND d.archived_at IS NULL ORDER BY 1) AS "departmentIds"
    FROM memberships m
    JOIN users u ON u.id = m.user_id
    JOIN roles r ON r.tenant_id = m.tenant_id AND r.key = m.role
    WHERE m.tenant_id = ${ctx.tenant.id} AND m.user_id = ${agentId}`);
  if (!rows[0]) throw noAgent();
  return rows[0];
};
