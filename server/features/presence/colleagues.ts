import { sql } from "drizzle-orm";
import { type AgentCtx, can, seesAll } from "../../context.ts";
import type { Colleague } from "../../contract/agent.ts";

type Row = Omit<Colleague, "presence">;

const mostColleagues = 500;

/**
 * The colleagues an agent watches: themselves, the active members of their departments, and of the whole workspace for who
 * sees every conversation; the first 500 by name. Who may not see the members sees themselves. Nobody else is listed: presence is told only to those who watch, and
 * whoever stood here without being watched would soon stand there with a presence that lies. A hand-over to somebody
 * beyond goes to their department; names of all members are read over REST.
 */
export const listColleagues = async (ctx: AgentCtx): Promise<Colleague[]> => {
  const { actor, tenant, node } = ctx;
  const own = sql`m.user_id = ${actor.id}`;
  const ofDepartments = sql`(m.user_id = ${actor.id} OR m.user_id IN (
        SELECT mate.user_id FROM department_members own
        JOIN department_members mate ON mate.tenant_id = own.tenant_id AND mate.department_id = own.department_id
        WHERE own.tenant_id = ${tenant.id} AND own.user_id = ${actor.id}))`;
  const watched = can(actor, "agent.read") ? (seesAll(actor) ? sql`true` : ofDepartments) : own;
  const { rows } = await node.tenancy.withTenant(tenant.id, (db) =>
    db.execute<Row>(sql`
      SELECT u.id, u.name, m.availability FROM memberships m JOIN users u ON u.id = m.user_id
      WHERE m.tenant_id = ${tenant.id} AND m.status = 'active' AND ${watched}
      ORDER BY u.name, u.id LIMIT ${mostColleagues}`),
  );
  // Read after the rows: whatever changes from here on is told.
  const present = await node.presence.snapshot(tenant.id);
  return rows.map((row) => ({ ...row, presence: present.get(row.id) ?? "offline" }));
};
