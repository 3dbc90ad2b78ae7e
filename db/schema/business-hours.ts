import { jsonb, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import type { Holiday, WeeklyInterval } from "../../server/contract/business-hours.ts";
import { createdAt, tenantId } from "./columns.ts";
import { tenants } from "./tenant.ts";

/** When somebody is there: weekly intervals of local time in an IANA zone, and days that are otherwise. */
export const businessHours = pgTable(
  "business_hours",
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid("id").notNull(),
    name: text("name").notNull(),
    timeZone: text("time_zone").notNull(),
    intervals: jsonb("intervals").$type<WeeklyInterval[]>().notNull(),
    holidays: jsonb("holidays").$type<Holiday[]>().notNull().default([]),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), unique("business_hours_name").on(t.tenantId, t.name)],
);
