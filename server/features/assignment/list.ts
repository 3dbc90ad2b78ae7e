import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { conversations } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../../context.ts";
import type { AssignmentRecord, Waiting } from "../../contract/assignment-routes.ts";
import type { Decision, EndReason, OfferStatus } from "../../contract/routing.ts";
import { notFound, visibleTo } from "../conversation/access.ts";
import { parseCursor } from "../tenant/cursor.ts";
import { explainWaiting } from "./waiting.ts";

type Named = { id: string; name: string };
type Row = {
  kind: "assignment" | "offer";
  id: string;
  agent: Named;
  department: Named | null;
  by: Named | null;
  startedAt: string;
  endedAt: string | null;
  endReason: EndReason | null;
  status: OfferStatus | null;
  reason: string | null;
  expiresAt: string | null;
  decision: Decision;
};

/** What comes after the last row of a page. */
const behind = (cursor: string): SQL => {
  const { numbers, id } = parseCursor(cursor, ["moment"]);
  return sql`(r.started_at, r.id) < (${new Date(numbers[0]).toISOString()}::timestamptz, ${id}::uuid)`;
};

const selectRecords = async (db: Db, tenantId: string, conversationId: string, after: SQL, most: number) => {
  const named = (table: "u" | "b" | "d") =>
    sql`json_build_object('id', ${sql.raw(table)}.id, 'name', ${sql.raw(table)}.name)`;
  const { rows } = await db.execute<Row>(sql`
    SELECT r.kind, r.id, ${named("u")} AS agent, CASE WHEN d.id IS NOT NULL THEN ${named("d")} END AS department,
      CASE WHEN b.id IS NOT NULL THEN ${named("b")} END AS by, wire_time(r.started_at) AS "startedAt",
      wire_time(r.ended_at) AS "endedAt", r.end_reason AS "endReason", r.status, r.reason,
      wire_time(r.expires_at) AS "expiresAt", r.decision
    FROM (
      SELECT 'assignment' AS kind, id, agent_id, department_id, assigned_by_id, started_at, ended_at, end_reason,
        NULL AS status, NULL AS reason, NULL::timestamptz AS expires_at, decision
      FROM assignments WHERE tenant_id = ${tenantId} AND conversation_id = ${conversationId}
      UNION ALL
      SELECT 'offer', id, agent_id, department_id, NULL, offered_at, answered_at, NULL, status, reason, expires_at, decision
      FROM offers WHERE tenant_id = ${tenantId} AND conversation_id = ${conversationId}
    ) r
    JOIN users u ON u.id = r.agent_id
    LEFT JOIN users b ON b.id = r.assigned_by_id
    LEFT JOIN departments d ON d.tenant_id = ${tenantId} AND d.id = r.department_id
    WHERE ${after} ORDER BY r.started_at DESC, r.id DESC LIMIT ${most}`);
  return rows;
};

/** Names for those candidates whose decision does not say them. */
const namesOf = async (db: Db, rows: Row[]): Promise<ReadonlyMap<string, string>> => {
  const nameless = rows.flatMap(({ decision }) => decision.candidates).filter(({ name }) => name === undefined);
  if (nameless.length === 0) return new Map();
  const ids = [...new Set(nameless.map(({ agentId }) => agentId))];
  const { rows: known } = await db.execute<Named>(
    sql`SELECT id, name FROM users WHERE id = ANY(${sql.param(ids)}::uuid[])`,
  );
  return new Map(known.map(({ id, name }) => [id, name]));
};

const present = (row: Row, names: ReadonlyMap<string, string>): AssignmentRecord => {
  const { id, agent, department, by, startedAt, endedAt, endReason, status, reason, expiresAt } = row;
  const candidates = row.decision.candidates.map((candidate) => {
    const name = candidate.name ?? names.get(candidate.agentId);
    return { ...candidate, ...(name !== undefined && { name }) };
  });
  const common = { id, agent, department, startedAt, endedAt, decision: { ...row.decision, candidates } };
  if (row.kind === "assignment") return { kind: "assignment", ...common, by, endReason };
  return { kind: "offer", ...common, status: status!, reason, expiresAt: expiresAt! };
};

type Query = { conversationId: string; cursor?: string | undefined; limit?: number | undefined };

/**
 * Who had a conversation and who was offered it, the latest first, with what each decision rested on; and, on the first page
 * of a queued one, why nobody has it now. Throws Refusal `not_found` for a conversation the agent can't see.
 */
export const listAssignments = async (
  ctx: AgentCtx,
  { conversationId, cursor, limit = 50 }: Query,
): Promise<{ data: AssignmentRecord[]; nextCursor: string | null; waiting: Waiting | null }> => {
  const { tenant, node } = ctx;
  const after = cursor === undefined ? sql`true` : behind(cursor);
  // Asked beforehand: nothing waits for Redis while it holds a connection to the database.
  const there = new Set(cursor === undefined ? await node.presence.listPresent(tenant.id) : undefined);
  return node.tenancy.readTenant(tenant.id, "agent", async (db) => {
    const [conversation] = await db
      .select()
      .from(conversations)
      .where(and(eq(conversations.tenantId, tenant.id), eq(conversations.id, conversationId), visibleTo(ctx)));
    if (!conversation) throw notFound();
    const rows = await selectRecords(db, tenant.id, conversationId, after, limit + 1);
    const page = rows.slice(0, limit);
    const names = await namesOf(db, page);
    const last = rows.length > limit ? page.at(-1) : undefined;
    // It may have been given to somebody since its row was read.
    const held = rows.some(({ kind, endedAt }) => kind === "assignment" && endedAt === null);
    const waits = conversation.status === "queued" && !held && cursor === undefined;
    return {
      data: page.map((row) => present(row, names)),
      nextCursor: last ? `${Date.parse(last.startedAt)}.${last.id}` : null,
      waiting: waits ? await explainWaiting(db, conversation, there) : null,
    };
  });
};
