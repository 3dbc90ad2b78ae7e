import { boolean, foreignKey, index, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, tenantId, time } from "./columns.ts";
import { memberships } from "./membership.ts";
import { users } from "./user.ts";

/**
 * A login that lasts: access tokens name it, a refresh token renews it. Only hashes of refresh tokens are kept.
 * With `impersonatorId` it is one of Parley's staff acting as the user, for a `reason`: no refresh token fits it, and it ends
 * with the session of their own that began it, which may be in another database.
 */
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
    impersonatorId: uuid("impersonator_id").references(() => users.id),
    impersonatorName: text("impersonator_name"),
    impersonatorTenantId: uuid("impersonator_tenant_id"),
    impersonatorSessionId: uuid("impersonator_session_id"),
    reason: text("reason"),
    readOnly: boolean("read_only").notNull().default(false),
    createdAt: createdAt(),
    lastUsedAt: time("last_used_at").notNull().defaultNow(),
    expiresAt: time("expires_at").notNull(),
    revokedAt: time("revoked_at"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.userId], foreignColumns: [memberships.tenantId, memberships.userId] }),
    index("sessions_user").on(t.tenantId, t.userId),
  ],
);
