import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uuid,
} from "drizzle-orm/pg-core";
import { authorKinds, conversationKinds, statuses } from "../../server/contract/entities.ts";
import { counter, createdAt, oneOf, tenantId, time, words } from "./columns.ts";
import { contacts } from "./contact.ts";
import { departments } from "./department.ts";
import { inboxes } from "./inbox.ts";
import { memberships } from "./membership.ts";

/**
 * A thread and the heads of its two timelines. Every message updates its row, so no column that changes per message is
 * indexed: `activeBucket` (10-second buckets of `updatedAt`) changes at most once in ten seconds and serves lists and
 * healing alike; all other updates stay heap-only.
 * `queuedAt`: since when it waits for an agent, kept while it is held; the queue's order is priority, then this.
 * `forLater`: left by the form of a department that was closed.
 * `version` counts changes of state (status, assignee, ...), not messages.
 */
export const conversations = pgTable(
  "conversations",
  {
    tenantId: tenantId(),
    id: uuid("id").notNull(),
    kind: text("kind").notNull().default("support"),
    status: text("status").notNull(),
    subject: text("subject"),
    inboxId: uuid("inbox_id"),
    departmentId: uuid("department_id"),
    contactId: uuid("contact_id"),
    assigneeId: uuid("assignee_id"),
    priority: counter("priority"),
    tags: words("tags"),
    fields: jsonb("fields").$type<Record<string, string>>(),
    clientId: text("client_id"),
    version: integer("version").notNull().default(1),
    publicSeq: counter("public_seq"),
    internalSeq: counter("internal_seq"),
    repliedSeq: counter("replied_seq"),
    activeBucket: integer("active_bucket").notNull(),
    queuedAt: time("queued_at").notNull().defaultNow(),
    forLater: boolean("for_later").notNull().default(false),
    waitingSince: time("waiting_since"),
    firstResponseAt: time("first_response_at"),
    createdAt: createdAt(),
    updatedAt: time("updated_at").notNull().defaultNow(),
    resolvedAt: time("resolved_at"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique("conversations_start").on(t.tenantId, t.contactId, t.clientId),
    foreignKey({ columns: [t.tenantId, t.inboxId], foreignColumns: [inboxes.tenantId, inboxes.id] }),
    foreignKey({ columns: [t.tenantId, t.departmentId], foreignColumns: [departments.tenantId, departments.id] }),
    foreignKey({ columns: [t.tenantId, t.contactId], foreignColumns: [contacts.tenantId, contacts.id] }),
    foreignKey({ columns: [t.tenantId, t.assigneeId], foreignColumns: [memberships.tenantId, memberships.userId] }),
    index("conversations_active").on(t.tenantId, t.activeBucket.desc().nullsFirst(), t.id.desc().nullsFirst()),
    index("conversations_assignee")
      .on(t.tenantId, t.assigneeId)
      .where(sql`status in ('open', 'pending', 'snoozed')`),
    index("conversations_queue")
      .on(t.tenantId, t.departmentId, t.priority.desc().nullsFirst(), t.queuedAt, t.id)
      .where(sql`status = 'queued'`),
    // The same for the list of all departments. Only that list says it so: what looks for one department's must not find this.
    index("conversations_waiting")
      .on(t.tenantId, sql`(-priority)`, t.queuedAt, t.id)
      .where(sql`coalesce(status = 'queued', false)`),
    // Whether an inbox or a department that is removed ever had one, which its foreign key asks too. Partial, so that the
    // foreign keys that lead here can't take them for as good as the primary key: each message would read the whole tenant.
    index("conversations_inbox")
      .on(t.tenantId, t.inboxId)
      .where(sql`inbox_id is not null`),
    index("conversations_department")
      .on(t.tenantId, t.departmentId)
      .where(sql`department_id is not null`),
    check("conversations_kind", oneOf("kind", conversationKinds)),
    check("conversations_status", oneOf("status", statuses)),
  ],
);

/** Who takes part, beside the contact and the assignee: everyone who wrote or was invited. */
export const participants = pgTable(
  "participants",
  {
    tenantId: tenantId(),
    conversationId: uuid("conversation_id").notNull(),
    actorKind: text("actor_kind").notNull(),
    actorId: uuid("actor_id").notNull(),
    joinedAt: time("joined_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.conversationId, t.actorKind, t.actorId] }),
    foreignKey({ columns: [t.tenantId, t.conversationId], foreignColumns: [conversations.tenantId, conversations.id] }),
    check("participants_actor_kind", oneOf("actor_kind", authorKinds)),
  ],
);
