import { sql, type SQL } from "drizzle-orm";
import type { Ctx } from "../../context.ts";
import type { Conversation, Status } from "../../contract/entities.ts";
import { Refusal } from "../../contract/errors.ts";
import { visibleTo } from "./access.ts";
import { presentedFor } from "./present.ts";

type Payload = {
  view?: "mine" | "queue" | "all" | undefined;
  status?: Status | undefined;
  departmentId?: string | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
};

const defaultLimit = 30;

/** `bucket.id` of the last row of a page; opaque to clients. */
const parseCursor = (cursor: string): [number, string] => {
  const [, bucket, id] = /^(\d{1,10})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/u.exec(cursor) ?? [];
  if (bucket === undefined || id === undefined) throw new Refusal("invalid_payload", "The cursor is not one of ours.");
  return [Number(bucket), id];
};

const inView = (ctx: Ctx, view: Payload["view"]): SQL => {
  if (ctx.actor.kind === "contact") return sql`contact_id = ${ctx.actor.id}`;
  if (view === "mine") return sql`assignee_id = ${ctx.actor.id} AND status IN ('open', 'pending', 'snoozed')`;
  if (view === "queue") return sql`status = 'queued'`;
  return sql`true`;
};

/**
 * The newest-active first, a page at a time. Activity is ordered by buckets of ten seconds, so a page stays put while
 * messages come in; the queue is ordered by who has waited longest.
 */
export const listConversations = async (
  ctx: Ctx,
  payload: Payload,
): Promise<{ conversations: Conversation[]; nextCursor: string | null }> => {
  const { view, status, departmentId, cursor, limit = defaultLimit } = payload;
  const queue = view === "queue" && ctx.actor.kind === "agent";
  // The queue pages by age in seconds, a contact's own by when they were started, since activity would tell of notes;
  // everything else by activity.
  const byAge = queue || ctx.actor.kind === "contact";
  const key = byAge ? sql`floor(extract(epoch FROM created_at))::bigint` : sql`active_bucket`;
  const conditions = [sql`tenant_id = ${ctx.tenant.id}`, inView(ctx, view), visibleTo(ctx)];
  if (status) conditions.push(sql`status = ${status}`);
  if (departmentId) conditions.push(sql`department_id = ${departmentId}`);
  if (cursor) {
    const [bucket, id] = parseCursor(cursor);
    conditions.push(
      queue
        ? sql`(${key}, id) > (${bucket}::bigint, ${id}::uuid)`
        : sql`(${key}, id) < (${bucket}::bigint, ${id}::uuid)`,
    );
  }
  const order = queue ? sql`${key}, id` : sql`${key} DESC, id DESC`;
  const { rows } = await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    db.execute<{ conversation: Conversation; key: string; id: string }>(sql`
      SELECT ${presentedFor(ctx)} AS conversation, ${key} AS key, id FROM conversations
      WHERE ${sql.join(conditions, sql` AND `)} ORDER BY ${order} LIMIT ${limit + 1}`),
  );
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    conversations: page.map(({ conversation }) => conversation),
    nextCursor: last ? `${last.key}.${last.id}` : null,
  };
};
