import { sql } from "drizzle-orm";
import { check, foreignKey, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { oneOf, tenantId, time } from "./columns.ts";
import { conversations } from "./conversation.ts";
import { memberships } from "./membership.ts";

/** Why an agent got a conversation: who was considered, with which load, and what made the choice. */
export type Decision = {
  trigger: "conversation_queued" | "agent_online" | "claimed" | "assigned" | "replied" | "reopened";
  strategy: string;
  candidates: { agentId: string; activeCount: number; capacity: number }[];
};

/** Who held which conversation, from when to when. The partial unique index lets at most one assignment be running. */
export const assignments = pgTable(
  "assignments",
  {
    tenantId: tenantId(),
    id: uuid("id").notNull(),
    conversationId: uuid("conversation_id").notNull(),
    agentId: uuid("agent_id").notNull(),
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
    foreignKey({ columns: [t.tenantId, t.conversationId], foreignColumns: [conversations.tenantId, conversations.id] }),
    foreignKey({ columns: [t.tenantId, t.agentId], foreignColumns: [memberships.tenantId, memberships.userId] }),
    check("assignments_end_reason", oneOf("end_reason", ["resolved", "reassigned", "unassigned"])),
  ],
);
