import { sql } from "drizzle-orm";
import { check, integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, time, words } from "./columns.ts";

/**
 * A login: one per person, across tenants. A tenant sees the users who are its members and no others.
 * `emailConfirmedAt`: when somebody showed by a mailed link that the address is theirs; nothing is locked before.
 * `totpSecret` is sealed; it asks for a code once `totpConfirmedAt` is set. `totpLastStep` is the last step a code was
 * taken for: each code works once. Recovery codes are kept as hashes and leave the list when used.
 */
export const users = pgTable(
  "users",
  {
    id: uuid("id").primaryKey(),
    email: text("email").notNull().unique(),
    emailConfirmedAt: time("email_confirmed_at"),
    name: text("name").notNull(),
    passwordHash: text("password_hash"),
    passwordChangedAt: time("password_changed_at"),
    totpSecret: text("totp_secret"),
    totpConfirmedAt: time("totp_confirmed_at"),
    totpLastStep: integer("totp_last_step"),
    recoveryHashes: words("recovery_hashes"),
    createdAt: createdAt(),
  },
  () => [check("users_email_lowercase", sql`email = lower(email)`)],
);
