import { index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { counter, createdAt, tenantId, time } from "./columns.ts";
import { tenants } from "./tenant.ts";

/**
 * A mail to be sent, written in the transaction that causes it. Once it is sent its words are emptied, since they may hold
 * a link that opens a door. `failedAt`: given up.
 */
export const mails = pgTable(
  "mails",
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid("id").notNull(),
    kind: text("kind").notNull(),
    recipient: text("recipient").notNull(),
    subject: text("subject").notNull(),
    text: text("text"),
    html: text("html"),
    attempts: counter("attempts"),
    lastError: text("last_error"),
    createdAt: createdAt(),
    nextAttemptAt: time("next_attempt_at").notNull().defaultNow(),
    sentAt: time("sent_at"),
    failedAt: time("failed_at"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index("mails_due").on(t.tenantId, t.nextAttemptAt),
    index("mails_recipient").on(t.tenantId, t.recipient, t.createdAt),
  ],
);
