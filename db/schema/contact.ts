import { boolean, foreignKey, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { createdAt, tenantId, time } from "./columns.ts";
import { inboxes } from "./inbox.ts";
import { memberships } from "./membership.ts";

/** A person outside. `externalId` is the customer's own id, proven by an identity token, and then `verified` is true. */
export const contacts = pgTable(
  "contacts",
  {
    tenantId: tenantId(),
    id: uuid("id").notNull(),
    inboxId: uuid("inbox_id").notNull(),
    externalId: text("external_id"),
    name: text("name"),
    email: text("email"),
    verified: boolean("verified").notNull().default(false),
    /** The agent who looks after this contact, for departments that keep to owners. */
    ownerId: uuid("owner_id"),
    createdAt: createdAt(),
    lastSeenAt: time("last_seen_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique("contacts_external").on(t.tenantId, t.inboxId, t.externalId),
    foreignKey({ columns: [t.tenantId, t.inboxId], foreignColumns: [inboxes.tenantId, inboxes.id] }),
    foreignKey({ columns: [t.tenantId, t.ownerId], foreignColumns: [memberships.tenantId, memberships.userId] }),
  ],
);
