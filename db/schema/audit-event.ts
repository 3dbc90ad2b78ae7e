import { sql } from "drizzle-orm";
import { index, jsonb, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, tenantId } from "./columns.ts";
import { tenants } from "./tenant.ts";

/** What was done, by whom and on whose behalf, to what. The application's role may add and read, never change or remove. */
export const auditEvents = pgTable(
  "audit_events",
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid("id").notNull(),
    actorKind: text("actor_kind").notNull(),
    actorId: uuid("actor_id"),
    actorName: text("actor_name"),
    onBehalfOfId: uuid("on_behalf_of_id"),
    action: text("action").notNull(),
    targetId: uuid("target_id"),
    before: jsonb("before"),
    after: jsonb("after"),
    requestId: text("request_id"),
    address: text("address"),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    // Few, and looked through whenever somebody logs out.
    index("audit_events_impersonations")
      .on(t.tenantId, t.action, t.createdAt)
      .where(sql`action in ('impersonation.create', 'impersonation.end')`),
    index("audit_events_time").on(t.tenantId, t.createdAt.desc().nullsFirst(), t.id.desc().nullsFirst()),
  ],
);
