import { sql } from "drizzle-orm";
import { check, foreignKey, index, pgTable, primaryKey, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { createdAt, tenantId, time } from "./columns.ts";
import { memberships } from "./membership.ts";
import { roles } from "./role.ts";

/** A seat kept for somebody until they accept, it is revoked or it expires. Only the hash of the mailed token is kept. */
export const invitations = pgTable(
  "invitations",
  {
    tenantId: tenantId(),
    id: uuid("id").notNull(),
    email: text("email").notNull(),
    role: text("role").notNull(),
    departmentIds: uuid("department_ids")
      .array()
      .notNull()
      .default(sql`'{}'::uuid[]`),
    tokenHash: text("token_hash").notNull(),
    invitedById: uuid("invited_by_id").notNull(),
    createdAt: createdAt(),
    expiresAt: time("expires_at").notNull(),
    acceptedAt: time("accepted_at"),
    revokedAt: time("revoked_at"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("invitations_pending")
      .on(t.tenantId, t.email)
      .where(sql`accepted_at is null and revoked_at is null`),
    index("invitations_role").on(t.tenantId, t.role),
    foreignKey({ columns: [t.tenantId, t.role], foreignColumns: [roles.tenantId, roles.key] }),
    foreignKey({ columns: [t.tenantId, t.invitedById], foreignColumns: [memberships.tenantId, memberships.userId] }),
    check("invitations_email_lowercase", sql`email = lower(email)`),
  ],
);
