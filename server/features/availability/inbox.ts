import { sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import type { Node } from "../../context.ts";
import type { OfflineBehaviour } from "../../contract/routing.ts";
import type { InboxAvailability } from "../../contract/widget.ts";
import { joinMembership } from "../department/membership-of.ts";
import { type Hours, statusAt } from "../business-hours/hours.ts";

/** What an inbox' availability rests on, but for presence and the time of day. */
export type InboxFacts = {
  id: string;
  departmentId: string | null;
  offlineBehaviour: OfflineBehaviour;
  hours: Hours | null;
  /** Members of its department who want conversations. */
  available: string[];
};

/** SQL: the business hours of a department `d` as JSON, or null. */
export const hoursOf = sql`(
  SELECT json_build_object('timeZone', h.time_zone, 'intervals', h.intervals, 'holidays', h.holidays)
  FROM business_hours h WHERE h.tenant_id = d.tenant_id AND h.id = d.business_hours_id)`;

const inboxFacts = (tenantId: string, inboxIds: string[]) => sql`
  SELECT i.id, d.id AS "departmentId", coalesce(d.offline_behaviour, 'queue') AS "offlineBehaviour", ${hoursOf} AS hours,
    (SELECT coalesce(array_agg(m.user_id::text), '{}') FROM department_members dm ${joinMembership}
      WHERE dm.tenant_id = i.tenant_id AND dm.department_id = d.id
        AND m.status = 'active' AND m.availability = 'available') AS available
  FROM inboxes i
  LEFT JOIN departments d ON d.tenant_id = i.tenant_id AND d.id = i.department_id AND d.archived_at IS NULL
  WHERE i.tenant_id = ${tenantId} AND i.id = ANY(${sql.param(inboxIds)}::uuid[])`;

export const listInboxFacts = async (
  { tenancy }: Pick<Node, "tenancy">,
  tenantId: string,
  inboxIds: string[],
): Promise<InboxFacts[]> => {
  const { rows } = await tenancy.withTenant(tenantId, (db: Db) =>
    db.execute<InboxFacts>(inboxFacts(tenantId, inboxIds)),
  );
  return rows;
};

/** Whether somebody answers at an inbox at `instant`, with these agents present. */
export const availabilityAt = (
  { hours, offlineBehaviour, available }: Omit<InboxFacts, "id" | "departmentId">,
  present: { has: (agentId: string) => boolean },
  instant: Date,
): InboxAvailability => {
  const { open, changesAt } = hours === null ? { open: true, changesAt: null } : statusAt(hours, instant);
  return {
    open,
    online: available.some((id) => present.has(id)),
    offlineBehaviour,
    opensAt: open ? null : (changesAt?.toISOString() ?? null),
  };
};
