import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import type { Department } from "../../contract/department-routes.ts";
import { type Hours, isOpenAt } from "../business-hours/hours.ts";
import { noDepartment } from "./access.ts";

type Row = Omit<Department, "open"> & { hours: Hours | null };

/** Departments as the wire shows them, by position. `where` speaks of a table `d`. */
export const selectDepartments = async (db: Db, tenantId: string, where: SQL, most: number): Promise<Department[]> => {
  const { rows } = await db.execute<Row>(sql`
    SELECT d.id, d.name, d.position, d.strategy, d.sticky, d.capacity_per_agent AS "capacityPerAgent",
      d.offer_seconds AS "offerSeconds", d.skills, d.business_hours_id AS "businessHoursId",
      d.offline_behaviour AS "offlineBehaviour", d.fallback_department_id AS "fallbackDepartmentId",
      d.fallback_after_seconds AS "fallbackAfterSeconds", d.routing_version AS "routingVersion", coalesce((
        SELECT json_agg(json_build_object('id', u.id, 'name', u.name) ORDER BY u.name, u.id)
        FROM department_members dm JOIN users u ON u.id = dm.user_id
        WHERE dm.tenant_id = d.tenant_id AND dm.department_id = d.id
      ), '[]') AS members, wire_time(d.created_at) AS "createdAt", wire_time(d.archived_at) AS "archivedAt", (
        SELECT json_build_object('timeZone', b.time_zone, 'intervals', b.intervals, 'holidays', b.holidays)
        FROM business_hours b WHERE b.tenant_id = d.tenant_id AND b.id = d.business_hours_id
      ) AS hours
    FROM departments d WHERE d.tenant_id = ${tenantId} AND ${where} ORDER BY d.position, d.id LIMIT ${most}`);
  const now = new Date();
  return rows.map(({ hours, ...row }) => ({
    ...row,
    open: row.archivedAt === null && (hours === null || isOpenAt(hours, now)),
  }));
};

/** One of them, or `not_found`. */
export const presentDepartment = async (db: Db, tenantId: string, id: string): Promise<Department> => {
  const [found] = await selectDepartments(db, tenantId, sql`d.id = ${id}`, 1);
  if (!found) throw noDepartment();
  return found;
};
