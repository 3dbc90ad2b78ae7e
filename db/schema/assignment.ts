import { sql } from "drizzle-orm";
import { check, foreignKey, index, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { endReasons, offerStatuses, type Decision } from "../../server/contract/routing.ts";
import { oneOf, tenantId, time } from "./columns.ts";
import { conversations } from "./conversation.ts";
import { departments } from "./department.ts";
import { memberships } from "./membership.ts";

/**
 * Who held which conversation, from when to when, and why they. The partial unique index lets at most one assignment be
 * running. `departmentId` is the conversation's at that time.
 */
export const assignments = pgTable(
  "assignments",
  {
    tenantId: tenantId(),
    id: uuid("id").notNull(),
    conversationId: uuid("conversation_id").notNull(),
    agentId: uuid("agent_id").notNull(),
    departmentId: uuid("department_id"),
    assignedById: uuid("assigned_by_id"),
    decision: jsonb("decision").$type<Decision>().notNull(),
    startedAt: time("started_at").notNull().defaultNow(),
    endedAt: time("ended_at"),
    endReason: text("end_reason"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("assignments_running")
      .on(t.tenantId, t.conversationId)
      .where(sql`ended_at is null`),
    index("assignments_held")
      .on(t.tenantId, t.agentId)
      .where(sql`ended_at is null`),
    index("assignments_conversation").on(t.tenantId, t.conversationId, t.startedAt),
    index("assignments_ended").on(t.tenantId, t.departmentId, t.endedAt.desc().nullsFirst()),
    foreignKey({ columns: [t.tenantId, t.conversationId], foreignColumns: [conversations.tenantId, conversations.id] }),
    foreignKey({ columns: [t.tenantId, t.agentId], foreignColumns: [memberships.tenantId, memberships.userId] }),
    foreignKey({ columns: [t.tenantId, t.departmentId], foreignColumns: [departments.tenantId, departments.id] }),
    check("assignments_end_reason", oneOf("end_reason", endReasons)),
  ],
);

/**
 * A conversation held out to an agent, who holds a slot for it until they answer or `expiresAt` has passed. At most one is
 * pending per conversation; the conversation stays queued meanwhile.
 */
export const offers = pgTable(
  "offers",
  {
    tenantId: tenantId(),
    id: uuid("id").notNull(),
    conversationId: uuid("conversation_id").notNull(),
    agentId: uuid("agent_id").notNull(),
    departmentId: uuid("department_id"),
    status: text("status").notNull().default("pending"),
    reason: text("reason"),
    decision: jsonb("decision").$type<Decision>().notNull(),
    offeredAt: time("offered_at").notNull().defaultNow(),
    expiresAt: time("expires_at").notNull(),
    answeredAt: time("answered_at"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("offers_pending")
      .on(t.tenantId, t.conversationId)
      .where(sql`status = 'pending'`),
    index("offers_held")
      .on(t.tenantId, t.agentId)
      .where(sql`status = 'pending'`),
    index("offers_conversation").on(t.tenantId, t.conversationId, t.offeredAt),
    index("offers_department").on(t.tenantId, t.departmentId, t.offeredAt),
    foreignKey({ columns: [t.tenantId, t.conversationId], foreignColumns: [conversations.tenantId, conversations.id] }),
    foreignKey({ columns: [t.tenantId, t.agentId], foreignColumns: [memberships.tenantId, memberships.userId] }),
    foreignKey({ columns: [t.tenantId, t.departmentId], foreignColumns: [departments.tenantId, departments.id] }),
    check("offers_status", oneOf("status", offerStatuses)),
  ],
);
