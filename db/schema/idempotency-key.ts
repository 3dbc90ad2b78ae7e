import { pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { createdAt, tenantId, time } from "./columns.ts";

/**
 * What a POST with an `Idempotency-Key` was answered, for a day. `scope` is the caller and the route; requests that come
 * before a tenant is known stand under the nil tenant. `bodyHash` is keyed and `answer` sealed: both may hold credentials.
 * Without an `answer` the first request is under way, until `lockedUntil` at most.
 */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    tenantId: tenantId(),
    scope: text("scope").notNull(),
    key: text("key").notNull(),
    bodyHash: text("body_hash").notNull(),
    answer: text("answer"),
    lockedUntil: time("locked_until").notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.scope, t.key] })],
);
