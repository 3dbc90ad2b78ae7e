import { check, foreignKey, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, oneOf, tenantId } from "./columns.ts";
import { memberships } from "./membership.ts";
import { tenants } from "./tenant.ts";

/** A group of agents that conversations are routed to, and how. */
export const departments = pgTable(
  "departments",
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid("id").notNull(),
    name: text("name").notNull(),
    strategy: text("strategy").notNull().default("least_loaded"),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    check("departments_strategy", oneOf("strategy", ["least_loaded", "manual"])),
  ],
);

export const departmentMembers = pgTable(
  "department_members",
  { tenantId: tenantId(), departmentId: uuid("department_id").notNull(), userId: uuid("user_id").notNull() },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.departmentId, t.userId] }),
    foreignKey({ columns: [t.tenantId, t.departmentId], foreignColumns: [departments.tenantId, departments.id] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [memberships.tenantId, memberships.userId] }),
  ],
);
