import { sql } from "drizzle-orm";
import { check, integer, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { availabilities } from "../../server/contract/entities.ts";
import { roles } from "../../server/contract/permissions.ts";
import { counter, createdAt, oneOf, tenantId } from "./columns.ts";
import { tenants } from "./tenant.ts";
import { users } from "./user.ts";

/** A user in one tenant: role, and the slots routing may fill. `activeCount` changes only together with an assignment. */
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
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.userId] }),
    check("memberships_role", oneOf("role", roles)),
    check("memberships_status", oneOf("status", ["active", "deactivated"])),
    check("memberships_availability", oneOf("availability", availabilities)),
    check("memberships_active_count", sql`active_count >= 0`),
  ],
);
