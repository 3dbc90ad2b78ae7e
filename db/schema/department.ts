import { sql } from "drizzle-orm";
import { check, foreignKey, integer, jsonb, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { offlineBehaviours, type SkillRule, stickinesses, strategies } from "../../server/contract/routing.ts";
import { businessHours } from "./business-hours.ts";
import { counter, createdAt, oneOf, tenantId, time } from "./columns.ts";
import { memberships } from "./membership.ts";
import { tenants } from "./tenant.ts";

/**
 * A group of agents that conversations are routed to, and how. `position`: an agent of several departments is given the
 * conversations of the lowest first. `routingVersion` grows with every change of policy; decisions name it. `turn` is the
 * round robin's counter. With `offerSeconds` an agent must accept within that time.
 */
export const departments = pgTable(
  "departments",
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid("id").notNull(),
    name: text("name").notNull(),
    position: counter("position"),
    strategy: text("strategy").notNull().default("least_loaded"),
    routingVersion: integer("routing_version").notNull().default(1),
    sticky: text("sticky").notNull().default("none"),
    capacityPerAgent: integer("capacity_per_agent"),
    offerSeconds: integer("offer_seconds"),
    skills: jsonb("skills").$type<SkillRule[]>().notNull().default([]),
    businessHoursId: uuid("business_hours_id"),
    offlineBehaviour: text("offline_behaviour").notNull().default("queue"),
    fallbackDepartmentId: uuid("fallback_department_id"),
    fallbackAfterSeconds: integer("fallback_after_seconds"),
    turn: counter("turn"),
    createdAt: createdAt(),
    archivedAt: time("archived_at"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique("departments_name").on(t.tenantId, t.name),
    foreignKey({
      columns: [t.tenantId, t.businessHoursId],
      foreignColumns: [businessHours.tenantId, businessHours.id],
    }),
    foreignKey({ columns: [t.tenantId, t.fallbackDepartmentId], foreignColumns: [t.tenantId, t.id] }),
    check("departments_strategy", oneOf("strategy", strategies)),
    check("departments_sticky", oneOf("sticky", stickinesses)),
    check("departments_offline_behaviour", oneOf("offline_behaviour", offlineBehaviours)),
    check("departments_capacity", sql`capacity_per_agent > 0`),
    check("departments_offer_seconds", sql`offer_seconds > 0`),
  ],
);

/** Who belongs to a department. `lastTurn`: the department's turn in which round robin last picked them. */
export const departmentMembers = pgTable(
  "department_members",
  {
    tenantId: tenantId(),
    departmentId: uuid("department_id").notNull(),
    userId: uuid("user_id").notNull(),
    lastTurn: counter("last_turn"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.departmentId, t.userId] }),
    foreignKey({ columns: [t.tenantId, t.departmentId], foreignColumns: [departments.tenantId, departments.id] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [memberships.tenantId, memberships.userId] }),
  ],
);
