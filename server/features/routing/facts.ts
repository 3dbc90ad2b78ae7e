import { sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import type { Stickiness } from "../../contract/routing.ts";
import type { ConversationRow } from "../conversation/access.ts";
import type { Facts } from "./pick.ts";
import { restMs } from "./queue.ts";

type Row = { id: string; had: Record<string, number> | null; resting: boolean | null; stickyAgentId: string | null };

// Whoever gave a conversation away is not the one its contact should come back to.
const lastAgent = sql`
  SELECT a.agent_id FROM conversations k
  JOIN assignments a ON a.tenant_id = k.tenant_id AND a.conversation_id = k.id
  WHERE k.tenant_id = c.tenant_id AND k.contact_id = c.contact_id
    AND (a.end_reason IS NULL OR a.end_reason NOT IN ('unassigned', 'transferred'))
  ORDER BY a.started_at DESC, a.id DESC LIMIT 1`;

const owner = sql`SELECT k.owner_id FROM contacts k WHERE k.tenant_id = c.tenant_id AND k.id = c.contact_id`;

const stickyAgent = { none: sql`NULL::uuid`, last_agent: sql`(${lastAgent})`, owner: sql`(${owner})` };

/**
 * What a choice needs to know of each of these conversations, which must be locked: who has had it since it was queued, and
 * whom its contact should come back to.
 */
export const readFacts = async (
  db: Db,
  tenantId: string,
  rows: readonly ConversationRow[],
  sticky: Stickiness,
): Promise<Map<string, Facts>> => {
  const ids = rows.map(({ id }) => id);
  const answer = await db.execute<Row>(sql`
    SELECT c.id, passed.had, passed.resting, ${stickyAgent[sticky]} AS "stickyAgentId"
    FROM conversations c
    LEFT JOIN LATERAL (
      SELECT json_object_agg(agent_id, times) AS had, bool_or(last_at > now() - make_interval(secs => ${restMs / 1_000})) AS resting
      FROM (
        SELECT agent_id, count(*) AS times, max(ended_at) AS last_at FROM (
          SELECT o.agent_id, o.answered_at AS ended_at FROM offers o
          WHERE o.tenant_id = c.tenant_id AND o.conversation_id = c.id AND o.offered_at >= c.queued_at
            AND o.status IN ('declined', 'missed')
          UNION ALL
          SELECT a.agent_id, a.ended_at FROM assignments a
          WHERE a.tenant_id = c.tenant_id AND a.conversation_id = c.id AND a.ended_at >= c.queued_at
            AND a.end_reason IN ('unassigned', 'transferred')
        ) each GROUP BY agent_id
      ) agents
    ) passed ON true
    WHERE c.tenant_id = ${tenantId} AND c.id = ANY(${sql.param(ids)}::uuid[])`);
  const known = new Map(answer.rows.map((row) => [row.id, row]));
  return new Map(
    rows.map(({ id, fields }) => {
      const { had, resting, stickyAgentId } = known.get(id)!;
      return [id, { fields, had, resting: resting ?? false, stickyAgentId }];
    }),
  );
};
