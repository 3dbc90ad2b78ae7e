import { foreignKey, integer, pgTable, primaryKey, uuid } from "drizzle-orm/pg-core";
import { tenantId, time } from "./columns.ts";
import { conversations } from "./conversation.ts";

/** Up to which reply a conversation's contact was mailed what they had not read. */
export const replyMails = pgTable(
  "reply_mails",
  {
    tenantId: tenantId(),
    conversationId: uuid("conversation_id").notNull(),
    seq: integer("seq").notNull(),
    mailedAt: time("mailed_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.conversationId] }),
    foreignKey({ columns: [t.tenantId, t.conversationId], foreignColumns: [conversations.tenantId, conversations.id] }),
  ],
);
