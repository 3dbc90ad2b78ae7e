import { foreignKey, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, tenantId, time } from "./columns.ts";
import { memberships } from "./membership.ts";

/** A login that lasts: access tokens name it, a refresh token renews it. Only hashes of refresh tokens are kept. */
export const sessions = pgTable(
  "sessions",
  {
    tenantId: tenantId(),
    id: uuid("id").notNull(),
    userId: uuid("user_id").notNull(),
    refreshHash: text("refresh_hash").notNull(),
    previousHash: text("previous_hash"),
    rotatedAt: time("rotated_at"),
    device: text("device"),
    address: text("address"),
    createdAt: createdAt(),
    lastUsedAt: time("last_used_at").notNull().defaultNow(),
    expiresAt: time("expires_at").notNull(),
    revokedAt: time("revoked_at"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [memberships.tenantId, memberships.userId] }),
  ],
);
