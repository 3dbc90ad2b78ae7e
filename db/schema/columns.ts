import { sql } from "drizzle-orm";
import { integer, text, timestamp, uuid } from "drizzle-orm/pg-core";

/** Milliseconds, as the wire carries them: what was acked and what is fetched later read the same. */
export const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: "date" });
export const createdAt = () => time("created_at").notNull().defaultNow();
export const tenantId = () => uuid("tenant_id").notNull();
export const counter = (name: string) => integer(name).notNull().default(0);

/** A text column that holds one of `values`; text and CHECK because enum equality loses its index under row-level security. */
export const oneOf = (column: string, values: readonly string[]) =>
  sql.raw(`${column} in (${values.map((value) => `'${value}'`).join(", ")})`);

export const words = (name: string) =>
  text(name)
    .array()
    .notNull()
    .default(sql`'{}'::text[]`);
