import { check, foreignKey, pgTable, primaryKey, text, unique, uuid } from "drizzle-orm/pg-core";
import { createdAt, oneOf, tenantId, words } from "./columns.ts";
import { departments } from "./department.ts";
import { tenants } from "./tenant.ts";

/** An entry point for contacts. `allowedOrigins` holds exact origins; `identitySecrets` up to two while one is rotated. */
export const inboxes = pgTable(
  "inboxes",
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid("id").notNull(),
    key: text("key").notNull(),
    name: text("name").notNull(),
    channel: text("channel").notNull().default("widget"),
    allowedOrigins: words("allowed_origins"),
    identitySecrets: words("identity_secrets"),
    departmentId: uuid("department_id"),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique("inboxes_key").on(t.tenantId, t.key),
    foreignKey({ columns: [t.tenantId, t.departmentId], foreignColumns: [departments.tenantId, departments.id] }),
    check("inboxes_channel", oneOf("channel", ["widget", "email", "api"])),
  ],
);

/** The directory from an inbox's public key to its tenant: one key means one inbox across all tenants and databases. */
export const inboxKeys = pgTable(
  "inbox_keys",
  { key: text("key").primaryKey(), tenantId: tenantId(), inboxId: uuid("inbox_id").notNull() },
  (t) => [foreignKey({ columns: [t.tenantId, t.inboxId], foreignColumns: [inboxes.tenantId, inboxes.id] })],
);
