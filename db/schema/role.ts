import { boolean, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { createdAt, tenantId, words } from "./columns.ts";
import { tenants } from "./tenant.ts";

/**
 * A named set of permissions in one tenant. Built-in roles hold what `contract/permissions.ts` says, whatever stands in
 * `permissions`; a custom role holds what stands there.
 */
export const roles = pgTable(
  "roles",
  {
    tenantId: tenantId().references(() => tenants.id),
    key: text("key").notNull(),
    name: text("name").notNull(),
    description: text("description"),
    permissions: words("permissions"),
    builtIn: boolean("built_in").notNull().default(false),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.key] })],
);
