import pg from "pg";

type PlanNode = Record<string, unknown> & { Plans?: PlanNode[] };

/** How one statement came to the rows of one table: what it touched on the way, and by which condition. */
export type Reading = { statement: string; table: string; index: string; condition: string; touched: number };

const number = (node: PlanNode, key: string) => Number(node[key] ?? 0);

const text = (node: PlanNode, key: string) => node[key] as string | undefined;

const readingsOf = (statement: string, node: PlanNode, table = "", found: Reading[] = []): Reading[] => {
  const name = (node["Relation Name"] as string | undefined) ?? table;
  const type = String(node["Node Type"]);
  const dropped = ["Rows Removed by Filter", "Rows Removed by Index Recheck"].reduce(
    (sum, key) => sum + number(node, key),
    0,
  );
  // A search by half a key reads far more of the index than it returns: that shows in the blocks.
  const blocks = type.includes("Index") ? number(node, "Shared Hit Blocks") + number(node, "Shared Read Blocks") : 0;
  if (type.includes("Scan") && (name !== "" || type === "Bitmap Index Scan"))
    found.push({
      statement,
      table: name,
      index: text(node, "Index Name") ?? type,
      condition: text(node, "Index Cond") ?? "none",
      touched: Math.max((number(node, "Actual Rows") + dropped) * number(node, "Actual Loops"), blocks / 4),
    });
  for (const below of node.Plans ?? []) readingsOf(statement, below, name, found);
  return found;
};

const begin = Symbol("listens");

/**
 * What Postgres says of each statement that connections of this process run on a database for which `explainAll` was asked,
 * those within functions too, in the order in which they ended.
 */
export const watchPlans = (): { readings: Reading[]; stop: () => void } => {
  const readings: Reading[] = [];
  const { connect } = pg.Client.prototype as unknown as { connect: (this: pg.Client, ...given: unknown[]) => unknown };
  const listening = function (this: pg.Client & { [begin]?: true }, ...given: unknown[]) {
    if (!this[begin])
      this.on("notice", ({ message = "" }) => {
        const json = /plan:\s*(\{[\s\S]*\})\s*$/u.exec(message)?.[1];
        if (json === undefined) return;
        const { "Query Text": statement, Plan: plan } = JSON.parse(json) as { "Query Text": string; Plan: PlanNode };
        for (const reading of readingsOf(statement.replaceAll(/\s+/gu, " "), plan)) readings.push(reading);
      });
    this[begin] = true;
    return connect.apply(this, given);
  };
  pg.Client.prototype.connect = listening as never;
  return {
    readings,
    stop: () => {
      pg.Client.prototype.connect = connect as never;
    },
  };
};

/** Has Postgres explain what the application runs from its next connections on, and ends those it has. */
export const explainAll = async (superuser: pg.Pool, settings: Record<string, string>): Promise<void> => {
  const { rows } = await superuser.query<{ name: string }>("SELECT current_database() AS name");
  const { name } = rows[0]!;
  const all = {
    session_preload_libraries: "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "notice",
    ...settings,
  };
  for (const [setting, value] of Object.entries(all))
    await superuser.query(`ALTER DATABASE "${name}" SET ${setting} = '${value}'`);
  await superuser.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename = 'parley_app'",
    [name],
  );
};
