import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { AnyCtx, Ctx, Tx } from "../../context.ts";
import type { Conversation } from "../../contract/entities.ts";
import type { Decision } from "../../contract/routing.ts";
import { readerRoom } from "../../realtime/rooms.ts";
import type { ConversationRow } from "../conversation/access.ts";

/** One conversation held out to one agent, who has a slot for it. */
export type Holding = { conversation: ConversationRow; agentId: string; decision: Decision };

type Made = {
  conversationId: string;
  agentId: string;
  offeredAt: string;
  expiresAt: string;
  conversation: Conversation;
};

/** Sets the alarm of an offer: the row says what is due, and when. */
export type Arm = (tenant: Ctx["tenant"], conversationId: string, ms: number) => void;

/**
 * Holds conversations out to agents for so many seconds, in one statement; each takes a slot until it ends. The caller holds
 * the locks of conversations and memberships. The conversations stay queued, so nobody else is told anything.
 */
export const makeOffers = async (
  ctx: AnyCtx,
  tx: Tx,
  holdings: readonly Holding[],
  { seconds, arm }: { seconds: number; arm: Arm },
): Promise<void> => {
  if (holdings.length === 0) return;
  const { tenant, node } = ctx;
  const rows = holdings.map(({ conversation, agentId, decision }) => ({
    i: uuidv7(),
    c: conversation.id,
    a: agentId,
    d: conversation.departmentId,
    j: decision,
  }));
  const { rows: made } = await tx.db.execute<Made>(sql`
    WITH given AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS g(i uuid, c uuid, a uuid, d uuid, j jsonb)
    ),
    slots AS (
      UPDATE memberships m SET active_count = m.active_count + k.n
      FROM (SELECT a, count(*)::integer AS n FROM given GROUP BY a) k
      WHERE m.tenant_id = ${tenant.id} AND m.user_id = k.a
    ),
    made AS (
      -- By the clock, not by when the transaction began: an agent has all of the time that is said.
      INSERT INTO offers (tenant_id, id, conversation_id, agent_id, department_id, decision, offered_at, expires_at)
      SELECT ${tenant.id}, i, c, a, d, j, clock_timestamp(), clock_timestamp() + make_interval(secs => ${seconds}) FROM given
      RETURNING conversation_id, agent_id, offered_at, expires_at
    )
    SELECT made.conversation_id AS "conversationId", made.agent_id AS "agentId",
      wire_time(made.offered_at) AS "offeredAt", wire_time(made.expires_at) AS "expiresAt",
      present_conversation(k, 'agent', made.agent_id) AS conversation
    FROM made JOIN conversations k ON k.tenant_id = ${tenant.id} AND k.id = made.conversation_id
    WHERE k.id = ANY(${sql.param(rows.map(({ c }) => c))}::uuid[])`);
  tx.afterCommit(() => {
    for (const { agentId, conversationId, ...offer } of made) {
      node.publish.emit([readerRoom(tenant.id, agentId)], "conversation:offered", offer);
      arm(tenant, conversationId, seconds * 1_000);
    }
  });
};
