import { sql, type SQL } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import { type Conversation, limits, type Status } from "../../contract/entities.ts";
import { searchWords } from "../../contract/search-words.ts";
import { parseCursor } from "../tenant/cursor.ts";
import { visibleTo } from "./access.ts";
import { presentedFor } from "./present.ts";
import { searchPage } from "./search-page.ts";

type Payload = {
  view?: "mine" | "queue" | "all" | undefined;
  status?: Status | undefined;
  departmentId?: string | undefined;
  search?: string | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
};

const defaultLimit = 30;

/** The order of a list: what it is sorted by, in the words of an index, which way, and what a cursor of it looks like. */
type Order = { keys: SQL[]; ascending: boolean; cursor: readonly ("number" | "moment")[] };

// In the order in which it is served.
const byTurn: Order = {
  keys: [sql`(-priority)`, sql`queued_at`, sql`id`],
  ascending: true,
  cursor: ["number", "moment"],
};
// A contact's own by when they were started, since activity would tell of notes.
const byAge: Order = {
  keys: [sql`floor(extract(epoch FROM created_at))::bigint`, sql`id`],
  ascending: false,
  cursor: ["number"],
};
const byActivity: Order = { ...byAge, keys: [sql`active_bucket`, sql`id`] };

/** SQL: the place of a row, as a cursor carries it: moments in milliseconds, which is all that columns hold of them. */
const cursorOf = ({ keys, cursor }: Order): SQL => {
  const parts = keys.map((key, i) =>
    cursor[i] === "moment" ? sql`floor(extract(epoch FROM ${key}) * 1000)::bigint` : key,
  );
  return sql`concat_ws('.', ${sql.join(parts, sql`, `)})`;
};

/** The keys of the last row of a page. */
const keysIn = (cursor: string, order: Order): SQL => {
  const { numbers, id } = parseCursor(cursor, order.cursor);
  const parts = numbers.map((number, i) =>
    order.cursor[i] === "moment"
      ? sql`to_timestamp(${number / 1_000}::float8)::timestamptz(3)`
      : sql`${number}::bigint`,
  );
  return sql.join([...parts, sql`${id}::uuid`], sql`, `);
};

const inView = (ctx: Ctx, view: Payload["view"]): SQL => {
  if (ctx.actor.kind === "contact") return sql`contact_id = ${ctx.actor.id}`;
  if (view === "mine") return sql`assignee_id = ${ctx.actor.id} AND status IN ('open', 'pending', 'snoozed')`;
  // In the words of the index `conversations_waiting`.
  if (view === "queue") return sql`coalesce(status = 'queued', false)`;
  return sql`true`;
};

/**
 * The newest-active first, a page at a time, which ends early where last messages are long. Activity is ordered by buckets of
 * ten seconds, so a page stays put while messages come in; the queue is in the order in which it is served: by priority, then
 * by who has waited longest. A page of a search may hold fewer than asked for, or none, and go on.
 */
export const listConversations = async (
  ctx: Ctx,
  payload: Payload,
): Promise<{ conversations: Conversation[]; nextCursor: string | null }> => {
  const { view, status, departmentId, search, cursor, limit = defaultLimit } = payload;
  const ofContact = ctx.actor.kind === "contact";
  const order = ofContact ? byAge : view === "queue" ? byTurn : byActivity;
  const conditions = [sql`tenant_id = ${ctx.tenant.id}`, inView(ctx, view), visibleTo(ctx)];
  if (status) conditions.push(sql`status = ${status}`);
  if (departmentId) conditions.push(sql`department_id = ${departmentId}`);
  const keys = sql.join(order.keys, sql`, `);
  if (cursor) {
    const beyond = order.ascending ? sql`>` : sql`<`;
    conditions.push(sql`(${keys}) ${beyond} (${keysIn(cursor, order)})`);
  }
  const direction = order.ascending ? sql`` : sql` DESC`;
  const ordered = sql.join(
    order.keys.map((key) => sql`${key}${direction}`),
    sql`, `,
  );
  const where = sql.join(conditions, sql` AND `);
  const words = searchWords(search ?? "");
  return ctx.node.tenancy.readTenant(ctx.tenant.id, ctx.actor.kind, async (db) => {
    if (words.length > 0) return searchPage(ctx, db, { key: cursorOf(order), where, ordered, limit, words });
    const { rows } = await db.execute<{ conversation: Conversation; key: string; more: boolean }>(sql`
      WITH found AS MATERIALIZED (
        SELECT conversations, ${cursorOf(order)} AS key, presented_bytes(conversations) AS bytes FROM conversations
        WHERE ${where} ORDER BY ${ordered} LIMIT ${limit + 1}
      ), counted AS (SELECT *, row_number() OVER () AS place FROM found),
      filled AS (SELECT *, sum(bytes) OVER (ORDER BY place) AS filled FROM counted)
      SELECT ${presentedFor(ctx)} AS conversation, key, (SELECT count(*) FROM found) > place AS more FROM filled
      WHERE place <= ${limit} AND (place = 1 OR filled <= ${limits.answerBytes}) ORDER BY place`);
    const last = rows.at(-1);
    return { conversations: rows.map(({ conversation }) => conversation), nextCursor: last?.more ? last.key : null };
  });
};
