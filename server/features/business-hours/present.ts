import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import type { BusinessHours } from "../../contract/business-hours-routes.ts";
import { Refusal } from "../../contract/errors.ts";
import { statusAt } from "./hours.ts";

export const noBusinessHours = () => new Refusal("not_found", "There are no such business hours.");

type Row = Omit<BusinessHours, "open" | "nextChangeAt">;

/** Business hours as the wire shows them, in the order of their ids. `where` speaks of a table `b`. */
export const selectBusinessHours = async (
  db: Db,
  tenantId: string,
  where: SQL,
  most: number,
): Promise<BusinessHours[]> => {
  const { rows } = await db.execute<Row>(sql`
    SELECT b.id, b.name, b.time_zone AS "timeZone", b.intervals, b.holidays, coalesce((
        SELECT json_agg(json_build_object('id', d.id, 'name', d.name) ORDER BY d.position, d.id)
        FROM departments d WHERE d.tenant_id = b.tenant_id AND d.business_hours_id = b.id
      ), '[]') AS departments, wire_time(b.created_at) AS "createdAt"
    FROM business_hours b WHERE b.tenant_id = ${tenantId} AND ${where} ORDER BY b.id LIMIT ${most}`);
  const now = new Date();
  return rows.map((row) => {
    const { open, changesAt } = statusAt(row, now);
    return { ...row, open, nextChangeAt: changesAt?.toISOString() ?? null };
  });
};

/** One of them, or `not_found`. */
export const presentBusinessHours = async (db: Db, tenantId: string, id: string): Promise<BusinessHours> => {
  const [found] = await selectBusinessHours(db, tenantId, sql`b.id = ${id}`, 1);
  if (!found) throw noBusinessHours();
  return found;
};
