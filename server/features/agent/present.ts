import { sql } from "drizzle-orm";
import type { Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Agent } from "../../contract/people-routes.ts";

export const noAgent = () => new Refusal("not_found", "There is no such member.");

/** SQL: members as the wire shows them, over `m` and their login `u`. */
export const presentedAgent = sql`
  SELECT m.user_id AS id, u.name, u.email, m.role, r.name AS "roleName", m.status, m.availability, m.capacity,
    m.active_count AS "activeCount", m.skills,
    coalesce((
      SELECT json_agg(json_build_object('id', d.id, 'name', d.name) ORDER BY d.name, d.id)
      FROM department_members dm JOIN departments d ON d.tenant_id = dm.tenant_id AND d.id = dm.department_id
      WHERE dm.tenant_id = m.tenant_id AND dm.user_id = m.user_id AND d.archived_at IS NULL
    ), '[]') AS departments,
    wire_time(m.created_at) AS "createdAt", wire_time(m.deactivated_at) AS "deactivatedAt"
  FROM memberships m
  JOIN users u ON u.id = m.user_id
  JOIN roles r ON r.tenant_id = m.tenant_id AND r.key = m.role`;

/** A member of the tenant, or `not_found`. */
export const presentAgent = async (db: Tx["db"], tenantId: string, agentId: string): Promise<Agent> => {
  const { rows } = await db.execute<Agent>(sql`
    ${presentedAgent} WHERE m.tenant_id = ${tenantId} AND m.user_id = ${agentId}`);
  if (!rows[0]) throw noAgent();
  return rows[0];
};
