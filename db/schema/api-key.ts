import { foreignKey, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, tenantId, time, words } from "./columns.ts";
import { memberships } from "./membership.ts";

/**
 * A credential for a customer's own server. It acts for the member who made it, with those of its permissions that they
 * still hold. Only the hash of its secret is kept; `prefix` is what lists show.
 */
export const apiKeys = pgTable(
  "api_keys",
  {
    tenantId: tenantId(),
    id: uuid("id").notNull(),
    name: text("name").notNull(),
    prefix: text("prefix").notNull(),
    secretHash: text("secret_hash").notNull(),
    permissions: words("permissions"),
    createdById: uuid("created_by_id").notNull(),
    createdAt: createdAt(),
    expiresAt: time("expires_at"),
    lastUsedAt: time("last_used_at"),
    revokedAt: time("revoked_at"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.createdById], foreignColumns: [memberships.tenantId, memberships.userId] }),
  ],
);
