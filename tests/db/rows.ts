import { randomUUID } from "node:crypto";
import type pg from "pg";
import { holdsTenants } from "./catalog.ts";
import type { Table } from "./catalog.ts";

export type Row = Record<string, unknown>;

/** One row of each table, all of one tenant. */
export type Sample = { tenantId: string; rows: Record<string, Row> };

const valueOf = (type: string): unknown => {
  if (type === "uuid") return randomUUID();
  if (type === "text") return `x${randomUUID()}`;
  if (type === "integer" || type === "bigint") return 1;
  if (type === "boolean") return false;
  if (type === "jsonb" || type === "json") return {};
  if (type.endsWith("[]")) return [];
  if (type.startsWith("timestamp")) return new Date();
  throw new Error(`Rows of type ${type} can't be made up here yet`);
};

/** A row that fits: words from their list, pointers at the sample's own rows, and something of the right type elsewhere. */
const makeUp = (table: Table, { tenantId, rows }: Sample): Row => {
  const row: Row = {};
  for (const { name, type, required } of table.columns) {
    const word = table.words[name];
    if (word !== undefined) row[name] = word;
    else if (required) row[name] = valueOf(type);
  }
  if (holdsTenants(table)) row["tenant_id"] = tenantId;
  for (const { columns, target, targetColumns } of table.foreignKeys) {
    const pointedAt = rows[target];
    if (pointedAt) columns.forEach((column, i) => (row[column] = pointedAt[targetColumns[i]!]));
  }
  if (table.name === "tenants") row["id"] = tenantId;
  return row;
};

export const insertText = (table: string, row: Row): [string, unknown[]] => {
  const names = Object.keys(row);
  const places = names.map((_name, i) => `$${i + 1}`);
  const text = `INSERT INTO "${table}" (${names.map((name) => `"${name}"`).join(", ")}) VALUES (${places.join(", ")})`;
  return [text, Object.values(row)];
};

/** Fills every table with a row of a new tenant. */
export const fillTenant = async (superuser: pg.Pool, tables: Table[]): Promise<Sample> => {
  const sample: Sample = { tenantId: randomUUID(), rows: {} };
  for (const table of tables) {
    const [text, values] = insertText(table.name, makeUp(table, sample));
    const { rows } = await superuser.query<Row>(`${text} RETURNING *`, values);
    sample.rows[table.name] = rows[0]!;
  }
  return sample;
};

/** New rows for a tenant that stands already: all that the row of `table` has to point at, and last that row itself. */
export const newRows = (tables: Table[], table: Table, { tenantId, rows }: Sample): [table: string, row: Row][] => {
  const needed = new Set<string>();
  const need = ({ name, foreignKeys }: Table): void => {
    if (needed.has(name) || name === "tenants") return;
    for (const { target } of foreignKeys) if (target !== name) need(tables.find((each) => each.name === target)!);
    needed.add(name);
  };
  need(table);
  const sample: Sample = { tenantId, rows: { tenants: rows["tenants"]! } };
  for (const each of tables) if (needed.has(each.name)) sample.rows[each.name] = makeUp(each, sample);
  delete sample.rows["tenants"];
  return Object.entries(sample.rows);
};

/** `WHERE` that finds exactly this row by its primary key; its values stand from $1 on. */
export const whereKey = (table: Table, row: Row): [string, unknown[]] => [
  table.primaryKey.map((column, i) => `"${column}" = $${i + 1}`).join(" AND "),
  table.primaryKey.map((column) => row[column]),
];
