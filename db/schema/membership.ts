import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { availabilities } from "../../server/contract/entities.ts";
import { counter, createdAt, oneOf, tenantId, time } from "./columns.ts";
import { roles } from "./role.ts";
import { tenants } from "./tenant.ts";
import { users } from "./user.ts";

/**
 * A user in one tenant: role, and the slots routing may fill. `activeCount` counts running assignments and pending offers
 * and changes only together with them. `skills` maps a skill to its level, 1 to 5. `accessVersion` grows with every change
 * of what the member may see or do, so that a live socket can tell that it is outdated. `absentSince`: when somebody who
 * holds conversations was first seen to be gone.
 */
export const memberships = pgTable(
  "memberships",
  {
    tenantId: tenantId().references(() => tenants.id),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    role: text("role").notNull(),
    status: text("status").notNull().default("active"),
    availability: text("availability").notNull().default("available"),
    capacity: integer("capacity").notNull().default(20),
    activeCount: counter("active_count"),
    skills: jsonb("skills").$type<Record<string, number>>().notNull().default({}),
    accessVersion: integer("access_version").notNull().default(1),
    absentSince: time("absent_since"),
    missedOffers: counter("missed_offers"),
    deactivatedAt: time("deactivated_at"),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.userId] }),
    foreignKey({ columns: [t.tenantId, t.role], foreignColumns: [roles.tenantId, roles.key] }),
    index("memberships_user").on(t.userId),
    check("memberships_status", oneOf("status", ["active", "deactivated"])),
    check("memberships_availability", oneOf("availability", availabilities)),
    check("memberships_active_count", sql`active_count >= 0`),
    check("memberships_capacity", sql`capacity >= 0`),
  ],
);
