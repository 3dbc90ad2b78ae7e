import type pg from "pg";
import type { TestTenant } from "../support/tenant.ts";
import { readTables, type Table } from "./catalog.ts";
import { fillTenant, type Row } from "./rows.ts";

/** Tables of which a workspace has a handful of rows, which are read together. Every other one grows with use. */
const few = new Set(
  `api_keys business_hours department_members departments inbox_keys inboxes memberships roles subscription_events
  tenant_domains tenants usage_counters users`.split(/\s+/u),
);

/** What most rows of a workspace that has been at work for years have behind them. */
const past: Record<string, Row> = {
  assignments: { ended_at: "2020-01-01", end_reason: "resolved" },
  conversations: { status: "resolved" },
  invitations: { accepted_at: "2020-01-01" },
  mails: { sent_at: "2020-01-01", next_attempt_at: "infinity" },
  offers: { status: "accepted" },
};

/** A column of a copy: something of its own where it is part of a key. */
const copied = ({ uniques, words }: Table, { name, type }: Table["columns"][number]): string => {
  const isKey = name !== "tenant_id" && !(name in words) && uniques.some(({ columns }) => columns?.includes(name));
  if (isKey && type === "uuid") return "gen_random_uuid()";
  return isKey && type === "text" ? "gen_random_uuid()::text" : `one."${name}"`;
};

/** Gives a workspace so many rows of everything that grows, in ignorance of what the tables are for. */
export const fillUp = async (superuser: pg.Pool, { id, inbox, departmentId }: TestTenant, count: number) => {
  const tables = await readTables(superuser);
  const { rows: samples } = await fillTenant(superuser, tables);
  const own = { tenant_id: id, inbox_id: inbox.id, department_id: departmentId };
  const client = await superuser.connect();
  try {
    // The copies point at nothing: what is read is what counts here.
    await client.query("BEGIN; SET LOCAL session_replication_role = replica");
    for (const table of tables.filter(({ name }) => !few.has(name)))
      await client.query(
        `INSERT INTO "${table.name}" (${table.columns.map(({ name }) => `"${name}"`).join(", ")})
         SELECT ${table.columns.map((column) => copied(table, column)).join(", ")}
         FROM jsonb_populate_record(NULL::"${table.name}", $1::jsonb) AS one, generate_series(1, $2::integer)`,
        [JSON.stringify({ ...samples[table.name], ...own, ...past[table.name] }), count],
      );
    await client.query("COMMIT");
  } finally {
    client.release();
  }
};
