import { sql } from "drizzle-orm";
import type { Node } from "../../context.ts";
import type { Availability } from "../../contract/entities.ts";
import type { Presence } from "../../realtime/presence.ts";
import type { Watchers } from "../../realtime/presence-news.ts";
import { agentRoom, colleaguesRoom, timelineRoom } from "../../realtime/rooms.ts";

type Row = { id: string; name: string; availability: Availability; departmentIds: string[]; held: string[] };

/**
 * Who may hear of these agents, in one query: members of the same departments, whoever sees every conversation, the agent's
 * own sockets, and who takes part in the conversations they hold. Never the whole workspace, in which a morning of 1,000
 * logins would be a million events. Measured on one node, until everybody had heard of everybody they watch: 1,000 agents of
 * 20 departments and 10 managers cost 38,000 events (5 MB in all, 5 to 8 s of CPU for clients and server together), the same
 * over 6 s as over 20; 1,000 agents of one single department 63,000 to 178,000 events, since many changes are then one.
 */
export const watchersOf = async (
  { tenancy }: Pick<Node, "tenancy">,
  tenantId: string,
  changed: ReadonlyMap<string, Presence>,
): Promise<Watchers[]> => {
  const ids = sql`${sql.param([...changed.keys()])}::uuid[]`;
  const { rows } = await tenancy.withTenant(tenantId, (db) =>
    db.execute<Row>(sql`
      SELECT m.user_id AS id, u.name, m.availability, coalesce(d.ids, '{}') AS "departmentIds", coalesce(c.ids, '{}') AS held
      FROM memberships m
      JOIN users u ON u.id = m.user_id
      LEFT JOIN (
        SELECT user_id, array_agg(department_id::text ORDER BY department_id) AS ids FROM department_members
        WHERE tenant_id = ${tenantId} AND user_id = ANY(${ids}) GROUP BY user_id
      ) d ON d.user_id = m.user_id
      LEFT JOIN (
        SELECT assignee_id, array_agg(id::text) AS ids FROM conversations
        WHERE tenant_id = ${tenantId} AND assignee_id = ANY(${ids}) AND status IN ('open', 'pending', 'snoozed')
        GROUP BY assignee_id
      ) c ON c.assignee_id = m.user_id
      WHERE m.tenant_id = ${tenantId} AND m.user_id = ANY(${ids})`),
  );
  return rows.map(({ id, name, availability, departmentIds, held }) => ({
    change: { actor: { kind: "agent", id, name }, presence: changed.get(id)!, availability },
    colleagues: [colleaguesRoom(tenantId), ...departmentIds.map((department) => colleaguesRoom(tenantId, department))],
    others: [
      agentRoom(tenantId, id),
      ...held.map((conversationId) => timelineRoom(tenantId, conversationId, "public")),
    ],
  }));
};

/** Whose conversations these are. */
export const contactsOf = async (
  { tenancy }: Pick<Node, "tenancy">,
  tenantId: string,
  conversationIds: string[],
): Promise<Map<string, string>> => {
  const { rows } = await tenancy.withTenant(tenantId, (db) =>
    db.execute<{ id: string; contactId: string }>(sql`
      SELECT id, contact_id AS "contactId" FROM conversations
      WHERE tenant_id = ${tenantId} AND id = ANY(${sql.param(conversationIds)}::uuid[]) AND contact_id IS NOT NULL`),
  );
  return new Map(rows.map(({ id, contactId }) => [id, contactId]));
};
