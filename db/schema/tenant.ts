import { sql } from "drizzle-orm";
import { check, index, pgTable, primaryKey, text, unique, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { planNames, subscriptionStatuses } from "../../server/contract/plans.ts";
import { createdAt, oneOf, tenantId, time, words } from "./columns.ts";

/**
 * A customer company, or Parley's own staff (`kind` platform). Its row is visible to itself alone. `allowedOrigins` are the
 * exact origins whose pages may read the REST API's answers.
 */
export const tenants = pgTable(
  "tenants",
  {
    id: uuid("id").primaryKey(),
    slug: text("slug").notNull().unique(),
    name: text("name").notNull(),
    kind: text("kind").notNull().default("customer"),
    status: text("status").notNull().default("active"),
    suspendedAt: time("suspended_at"),
    suspendReason: text("suspend_reason"),
    plan: text("plan").notNull().default("pro"),
    subscriptionStatus: text("subscription_status").notNull().default("active"),
    trialEndsAt: time("trial_ends_at"),
    timeZone: text("time_zone").notNull().default("UTC"),
    allowedOrigins: words("allowed_origins"),
    createdAt: createdAt(),
  },
  (t) => [
    // A preflight carries no token: whose pages may ask is found by their origin.
    index("tenants_allowed_origins").using("gin", t.allowedOrigins),
    check("tenants_kind", oneOf("kind", ["customer", "platform"])),
    check("tenants_status", oneOf("status", ["active", "suspended"])),
    check("tenants_plan", oneOf("plan", planNames)),
    check("tenants_subscription_status", oneOf("subscription_status", subscriptionStatuses)),
  ],
);

/** Host names a tenant says are its own. A name counts once it is verified, and is then nobody else's. */
export const tenantDomains = pgTable(
  "tenant_domains",
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid("id").notNull(),
    host: text("host").notNull(),
    /** What the name's TXT record must hold. */
    token: text("token").notNull(),
    verifiedAt: time("verified_at"),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    unique("tenant_domains_own").on(t.tenantId, t.host),
    uniqueIndex("tenant_domains_verified")
      .on(t.host)
      .where(sql`verified_at is not null`),
    check("tenant_domains_host_lowercase", sql`host = lower(host)`),
  ],
);
