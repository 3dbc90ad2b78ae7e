import { sql } from "drizzle-orm";
import { type AgentCtx, seesAll } from "../../context.ts";
import type { AuditEvent } from "../../contract/access-routes.ts";
import { limits } from "../../contract/entities.ts";

export type AuditFilter = {
  action?: string | undefined;
  actorId?: string | undefined;
  targetId?: string | undefined;
  requestId?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
};

/** The place of an event, `at` in milliseconds: pages go on from it, whatever is added meanwhile. */
export type Place = { at: number; id: string };

export const placeOf = ({ createdAt, id }: AuditEvent): Place => ({ at: Date.parse(createdAt), id });

// By number, because Postgres does not take every year that is written as text.
const moment = (milliseconds: number) => sql`to_timestamp(${milliseconds / 1_000}::float8)::timestamptz(3)`;

type Row = Omit<AuditEvent, "actor" | "onBehalfOf"> & {
  actor: { kind: string; id: string | null; name: string | null };
  onBehalfOf: { id: string; name: string | null } | null;
};

const filled = <T extends object>(row: T) =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as {
    [K in keyof T]: NonNullable<T[K]>;
  };

const present = (row: Row): AuditEvent => {
  const { id, action, targetId, before, after, requestId, address, createdAt, actor, onBehalfOf } = row;
  return {
    ...filled({ id, action, targetId, before, after, requestId, address, createdAt }),
    actor: filled(actor),
    ...(onBehalfOf && { onBehalfOf: filled(onBehalfOf) }),
  };
};

const conditionsOf = (ctx: AgentCtx, { action, actorId, targetId, requestId, from, to }: AuditFilter) => {
  const conditions = [sql`a.tenant_id = ${ctx.tenant.id}`];
  if (action?.includes(".")) conditions.push(sql`a.action = ${action}`);
  else if (action !== undefined) conditions.push(sql`split_part(a.action, '.', 1) = ${action}`);
  if (actorId !== undefined) conditions.push(sql`(a.actor_id = ${actorId} OR a.on_behalf_of_id = ${actorId})`);
  if (targetId !== undefined) conditions.push(sql`a.target_id = ${targetId}`);
  if (requestId !== undefined) conditions.push(sql`a.request_id = ${requestId}`);
  if (from !== undefined) conditions.push(sql`a.created_at >= ${moment(Date.parse(from))}`);
  if (to !== undefined) conditions.push(sql`a.created_at < ${moment(Date.parse(to))}`);
  return conditions;
};

/** SQL: what an event holds, without the words of messages for who may not read every conversation. */
const shown = ({ actor }: AgentCtx, column: "before" | "after") =>
  seesAll(actor) ? sql.raw(`a.${column}`) : sql.raw(`a.${column} - 'body' AS ${column}`);

// Stored bytes: what Postgres has compressed is a few times as long in an answer.
const mostStoredBytes = limits.answerBytes;

/**
 * Up to `most` audit events behind a place, in one direction of time, fewer where they are long, and whether more remain. One
 * keyed read, whatever lies before it.
 */
export const findAuditEvents = async (
  ctx: AgentCtx,
  filter: AuditFilter,
  { behind, oldestFirst, most }: { behind: Place | undefined; oldestFirst: boolean; most: number },
): Promise<{ events: AuditEvent[]; more: boolean }> => {
  const conditions = conditionsOf(ctx, filter);
  if (behind) {
    const place = sql`(${moment(behind.at)}, ${behind.id}::uuid)`;
    conditions.push(oldestFirst ? sql`(a.created_at, a.id) > ${place}` : sql`(a.created_at, a.id) < ${place}`);
  }
  const order = oldestFirst ? sql`a.created_at, a.id` : sql`a.created_at DESC, a.id DESC`;
  const { rows } = await ctx.node.tenancy.readTenant(ctx.tenant.id, "agent", (db) =>
    db.execute<Row & { more: boolean }>(sql`
      WITH found AS MATERIALIZED (
        SELECT a.* FROM audit_events a WHERE ${sql.join(conditions, sql` AND `)} ORDER BY ${order} LIMIT ${most + 1}
      ), counted AS (
        SELECT a.*, row_number() OVER (ORDER BY ${order}) AS place,
          sum(500 + coalesce(pg_column_size(a.before), 0) + coalesce(pg_column_size(a.after), 0)) OVER (ORDER BY ${order}) AS filled
        FROM found a
      )
      SELECT a.id, a.action, a.target_id AS "targetId", ${shown(ctx, "before")}, ${shown(ctx, "after")}, a.request_id AS "requestId", a.address,
        wire_time(a.created_at) AS "createdAt",
        json_build_object('kind', a.actor_kind, 'id', a.actor_id, 'name', coalesce(a.actor_name, (
          SELECT u.name FROM users u WHERE a.actor_kind = 'agent' AND u.id = a.actor_id))) AS actor,
        CASE WHEN a.on_behalf_of_id IS NOT NULL THEN json_build_object('id', a.on_behalf_of_id, 'name', (
          SELECT u.name FROM users u WHERE u.id = a.on_behalf_of_id)) END AS "onBehalfOf",
        (SELECT count(*) FROM found) > a.place AS more
      FROM counted a WHERE a.place <= ${most} AND (a.place = 1 OR a.filled <= ${mostStoredBytes}) ORDER BY a.place`),
  );
  return { events: rows.map(present), more: rows.at(-1)?.more ?? false };
};
