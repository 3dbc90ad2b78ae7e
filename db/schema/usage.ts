import { bigint, check, pgTable, primaryKey, text, uuid } from "drizzle-orm/pg-core";
import { planNames, subscriptionStatuses } from "../../server/contract/plans.ts";
import { createdAt, oneOf, tenantId } from "./columns.ts";
import { tenants } from "./tenant.ts";

/** What is counted, in the transaction that causes it. `period` is a month, `2026-11`, or `ever`. */
export const usageCounters = pgTable(
  "usage_counters",
  {
    tenantId: tenantId().references(() => tenants.id),
    metric: text("metric").notNull(),
    period: text("period").notNull(),
    value: bigint("value", { mode: "number" }).notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.metric, t.period] })],
);

/** Every change of plan or subscription, and by whom. */
export const subscriptionEvents = pgTable(
  "subscription_events",
  {
    tenantId: tenantId().references(() => tenants.id),
    id: uuid("id").notNull(),
    plan: text("plan").notNull(),
    status: text("status").notNull(),
    previousPlan: text("previous_plan"),
    previousStatus: text("previous_status"),
    actorKind: text("actor_kind").notNull(),
    actorId: uuid("actor_id"),
    reason: text("reason"),
    createdAt: createdAt(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    check("subscription_events_plan", oneOf("plan", planNames)),
    check("subscription_events_status", oneOf("status", subscriptionStatuses)),
  ],
);
