import type pg from "pg";

/** A table as the database itself describes it, so that a new one is known on arrival. */
export type Table = {
  name: string;
  columns: { name: string; type: string; required: boolean }[];
  primaryKey: string[];
  /** Every unique constraint and index, the primary key among them. */
  uniques: { name: string; columns: string[] }[];
  foreignKeys: { name: string; columns: string[]; target: string; targetColumns: string[] }[];
  /** Columns that hold one of a list of words. */
  words: Record<string, string>;
  isForced: boolean;
};

const columnNames = (keys: string, relation: string) =>
  `(SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(${keys}) WITH ORDINALITY k(n, place)
    JOIN pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.n)`;

const query = `
  SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS "isForced",
    (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'required', a.attnotnull AND NOT a.atthasdef) ORDER BY a.attnum)
      FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
    coalesce((SELECT ${columnNames("k.conkey", "c.oid")} FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p'), '[]') AS "primaryKey",
    coalesce((SELECT json_agg(json_build_object('name', u.relname, 'columns', ${columnNames("i.indkey::int2[]", "c.oid")}))
      FROM pg_index i JOIN pg_class u ON u.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisunique), '[]') AS uniques,
    coalesce((SELECT json_agg(json_build_object('name', k.conname, 'columns', ${columnNames("k.conkey", "c.oid")},
        'target', t.relname, 'targetColumns', ${columnNames("k.confkey", "t.oid")}))
      FROM pg_constraint k JOIN pg_class t ON t.oid = k.confrelid WHERE k.conrelid = c.oid AND k.contype = 'f'), '[]') AS "foreignKeys",
    coalesce((SELECT json_agg(pg_get_constraintdef(k.oid)) FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c'), '[]') AS checks
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY c.relname`;

const wordsOf = (checks: string[]): Record<string, string> =>
  Object.fromEntries(
    checks.flatMap((check) => {
      const [, column, word] = /\((\w+) = (?:ANY \(ARRAY\[)?'(\w+)'::text/u.exec(check) ?? [];
      return column === undefined || word === undefined ? [] : [[column, word]];
    }),
  );

/** All tables but the migrator's own, those that others point at first. */
export const readTables = async (pool: pg.Pool): Promise<Table[]> => {
  const { rows } = await pool.query<Omit<Table, "words"> & { checks: string[] }>(query);
  const left = new Map(
    rows
      .filter(({ name }) => name !== "migrations")
      .map(({ checks, ...row }) => [row.name, { ...row, words: wordsOf(checks) }]),
  );
  const ordered: Table[] = [];
  while (left.size > 0) {
    const free = [...left.values()].filter((table) =>
      table.foreignKeys.every(({ target }) => target === table.name || !left.has(target)),
    );
    if (free.length === 0) throw new Error(`Tables point at each other in a circle: ${[...left.keys()].join(", ")}`);
    for (const table of free) {
      left.delete(table.name);
      ordered.push(table);
    }
  }
  return ordered;
};

export const holdsTenants = (table: Table): boolean => table.columns.some(({ name }) => name === "tenant_id");
