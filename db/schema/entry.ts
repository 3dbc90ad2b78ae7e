import { sql } from "drizzle-orm";
import { check, foreignKey, integer, jsonb, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { authorKinds, type Activity, type Reaction } from "../../server/contract/entities.ts";
import { createdAt, oneOf, tenantId, time } from "./columns.ts";
import { conversations } from "./conversation.ts";

/** One numbered line of a timeline. Editing, deleting and reacting change the projection here and append an activity. */
export const entries = pgTable(
  "entries",
  {
    tenantId: tenantId(),
    conversationId: uuid("conversation_id").notNull(),
    audience: text("audience").notNull(),
    seq: integer("seq").notNull(),
    id: uuid("id").notNull(),
    kind: text("kind").notNull(),
    authorKind: text("author_kind").notNull(),
    authorId: uuid("author_id"),
    authorName: text("author_name"),
    clientId: text("client_id"),
    body: text("body"),
    activity: jsonb("activity").$type<Activity>(),
    replyToSeq: integer("reply_to_seq"),
    reactions: jsonb("reactions").$type<Reaction[]>(),
    editedAt: time("edited_at"),
    deletedAt: time("deleted_at"),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.conversationId, t.audience, t.seq] }),
    uniqueIndex("entries_client")
      .on(t.tenantId, t.conversationId, t.authorId, t.clientId)
      .where(sql`client_id is not null`),
    foreignKey({ columns: [t.tenantId, t.conversationId], foreignColumns: [conversations.tenantId, conversations.id] }),
    check("entries_audience", oneOf("audience", ["public", "internal"])),
    check("entries_kind", oneOf("kind", ["message", "activity"])),
    check("entries_author_kind", oneOf("author_kind", authorKinds)),
  ],
);

/** Cursors: how far a participant's devices hold and how far they have read one timeline. They only move forward. */
export const receipts = pgTable(
  "receipts",
  {
    tenantId: tenantId(),
    conversationId: uuid("conversation_id").notNull(),
    audience: text("audience").notNull(),
    actorKind: text("actor_kind").notNull(),
    actorId: uuid("actor_id").notNull(),
    deliveredSeq: integer("delivered_seq").notNull().default(0),
    readSeq: integer("read_seq").notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.conversationId, t.actorId, t.audience] }),
    foreignKey({ columns: [t.tenantId, t.conversationId], foreignColumns: [conversations.tenantId, conversations.id] }),
    check("receipts_audience", oneOf("audience", ["public", "internal"])),
    check("receipts_actor_kind", oneOf("actor_kind", authorKinds)),
  ],
);
