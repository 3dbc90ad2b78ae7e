import { sql } from "drizzle-orm";
import type { Node } from "../../context.ts";
import type { Queue } from "../../realtime/queue-news.ts";
import { hoursOf } from "../availability/inbox.ts";
import { type Hours, isOpenAt } from "../business-hours/hours.ts";
import { joinMembership } from "../department/membership-of.ts";

type Facts = {
  hours: Hours | null;
  /** Mean seconds for which the last 50 ended assignments held a slot; null without any. */
  handlingSeconds: number | null;
  /** Members who want conversations, and how many each may hold of this department. */
  available: { id: string; slots: number }[];
};
type Waiting = { id: string; contactId: string; forLater: boolean };

type Parts = Pick<Node, "tenancy" | "presence">;

// Beyond that nobody is told a place: it would mean nothing.
const most = 5_000;
const recentAssignments = 50;

/**
 * The wait of whoever stands at `position`: position × the mean time for which a conversation lately held its agent ÷ the
 * slots that come free in turn: those of the members of the department who are present and available. Null as long as either
 * is unknown.
 */
export const estimateWait = (position: number, handlingSeconds: number | null, slots: number): number | null =>
  handlingSeconds === null || slots === 0 ? null : Math.round((position * handlingSeconds) / slots);

/** A department's queue in the order in which it is served. Messages left for later stand in it once the department opens. */
export const listQueue = async (node: Parts, tenantId: string, departmentId: string): Promise<Queue> => {
  const { facts, waiting } = await node.tenancy.withTenant(tenantId, async (db) => {
    const { rows: queued } = await db.execute<Waiting>(sql`
      SELECT id, contact_id AS "contactId", for_later AS "forLater" FROM conversations
      WHERE tenant_id = ${tenantId} AND department_id = ${departmentId} AND status = 'queued' AND contact_id IS NOT NULL
      ORDER BY priority DESC, queued_at, id LIMIT ${most}`);
    if (queued.length === 0) return { waiting: queued };
    const { rows } = await db.execute<Facts>(sql`
      SELECT
        ${hoursOf} AS hours,
        (SELECT avg(extract(epoch FROM last.ended_at - last.started_at))::double precision FROM (
          SELECT a.started_at, a.ended_at FROM assignments a
          WHERE a.tenant_id = d.tenant_id AND a.department_id = d.id AND a.ended_at IS NOT NULL
          ORDER BY a.ended_at DESC LIMIT ${recentAssignments}
        ) last) AS "handlingSeconds",
        (SELECT coalesce(json_agg(json_build_object(
            'id', m.user_id, 'slots', least(m.capacity, d.capacity_per_agent))), '[]') FROM department_members dm ${joinMembership}
          WHERE dm.tenant_id = d.tenant_id AND dm.department_id = d.id
            AND m.status = 'active' AND m.availability = 'available') AS available
      FROM departments d WHERE d.tenant_id = ${tenantId} AND d.id = ${departmentId}`);
    return { facts: rows[0], waiting: queued };
  });
  if (!facts) return [];
  const present = await node.presence.among(
    tenantId,
    "agent",
    facts.available.map(({ id }) => id),
  );
  const slots = facts.available.reduce((sum, agent) => sum + (present?.has(agent.id) ? agent.slots : 0), 0);
  const open = facts.hours === null || isOpenAt(facts.hours, new Date());
  return waiting
    .filter(({ forLater }) => open || !forLater)
    .map(({ id, contactId }, index) => ({
      contactId,
      place: {
        conversationId: id,
        position: index + 1,
        estimatedWaitSeconds: estimateWait(index + 1, facts.handlingSeconds, slots),
      },
    }));
};

/** The departments in which these conversations wait. */
export const departmentsWaitedFor = async (node: Parts, tenantId: string, ids: string[]): Promise<string[]> => {
  const { rows } = await node.tenancy.withTenant(tenantId, (db) =>
    db.execute<{ id: string }>(sql`
      SELECT DISTINCT department_id AS id FROM conversations
      WHERE tenant_id = ${tenantId} AND id = ANY(${sql.param(ids)}::uuid[]) AND status = 'queued'
        AND department_id IS NOT NULL`),
  );
  return rows.map(({ id }) => id);
};
