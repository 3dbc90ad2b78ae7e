import { check, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, oneOf } from "./columns.ts";

/** A customer company. Its row is visible to itself alone. */
export const tenants = pgTable(
  "tenants",
  {
    id: uuid("id").primaryKey(),
    slug: text("slug").notNull().unique(),
    name: text("name").notNull(),
    status: text("status").notNull().default("active"),
    plan: text("plan").notNull().default("pro"),
    createdAt: createdAt(),
  },
  () => [check("tenants_status", oneOf("status", ["active", "suspended"]))],
);
