import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { type AnyCtx, authorOf, type Tx } from "../../context.ts";
import type { Activity, Author, Entry } from "../../contract/entities.ts";
import type { Decision } from "../../contract/routing.ts";
import { readerRoom, timelineRoom } from "../../realtime/rooms.ts";
import { presentBucket } from "../../timeline/append-activity.ts";
import type { ConversationRow } from "../conversation/access.ts";

/** One conversation that goes to one agent, who has a slot for it. */
export type Gift = {
  conversation: ConversationRow;
  agent: { id: string; name: string };
  decision: Decision;
  /** Who decided; nobody where Parley did. */
  assignedById: string | null;
  /** What the public timeline says of it; default that it is assigned to them. */
  activity?: Activity | undefined;
};

const assigned = ({ conversation, agent }: Gift): Activity => ({
  type: "assigned",
  agentId: agent.id,
  agentName: agent.name,
  ...(conversation.assigneeId && { previousAgentId: conversation.assigneeId }),
});

/**
 * Writes down that these conversations are theirs: assignment, slot, status, participation and the entry that says so, all
 * of them in one statement, however many. The caller holds the locks of conversations and memberships and has ended what ran
 * before. Tells nobody the conversations' new state: that is `announceConversations`' part.
 */
export const giveConversations = async (ctx: AnyCtx, tx: Tx, gifts: readonly Gift[]): Promise<void> => {
  if (gifts.length === 0) return;
  const { tenant, node } = ctx;
  const rows = gifts.map((gift) => {
    // Parley's own decisions are told as its own, whoever's message brought them about.
    const author: Author = gift.assignedById === null ? { kind: "system" } : authorOf(ctx.actor);
    return {
      c: gift.conversation.id,
      a: gift.agent.id,
      d: gift.conversation.departmentId,
      i: uuidv7(),
      b: gift.assignedById,
      j: gift.decision,
      e: uuidv7(),
      ak: author.kind,
      ai: author.id,
      an: author.name,
      ac: gift.activity ?? assigned(gift),
    };
  });
  const { rows: said } = await tx.db.execute<{ entry: Entry }>(sql`
    WITH given AS MATERIALIZED (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        AS g(c uuid, a uuid, d uuid, i uuid, b uuid, j jsonb, e uuid, ak text, ai uuid, an text, ac jsonb)
    ),
    slots AS (
      UPDATE memberships m SET active_count = m.active_count + k.n
      FROM (SELECT a, count(*)::integer AS n FROM given GROUP BY a) k
      WHERE m.tenant_id = ${tenant.id} AND m.user_id = k.a
    ),
    held AS (
      -- By the clock: two transactions of which one waited for the other's slot must not overlap in the history.
      INSERT INTO assignments (tenant_id, id, conversation_id, agent_id, department_id, assigned_by_id, decision, started_at)
      SELECT ${tenant.id}, i, c, a, d, b, j, clock_timestamp() FROM given
    ),
    joined AS (
      INSERT INTO participants (tenant_id, conversation_id, actor_kind, actor_id)
      SELECT ${tenant.id}, c, 'agent', a FROM given
      ON CONFLICT DO NOTHING
    ),
    taken AS (
      UPDATE conversations k
      SET assignee_id = g.a, status = 'open', resolved_at = NULL, version = k.version + 1, public_seq = k.public_seq + 1,
        updated_at = now(), active_bucket = ${presentBucket}
      -- By the list as well: how many are given the planner can only guess, and would read thousands of conversations for it.
      FROM given g WHERE k.tenant_id = ${tenant.id} AND k.id = g.c AND k.id = ANY(${sql.param(rows.map(({ c }) => c))}::uuid[])
      RETURNING k.id, k.public_seq AS seq
    ),
    said AS (
      INSERT INTO entries (tenant_id, conversation_id, audience, seq, id, kind, author_kind, author_id, author_name, activity)
      SELECT ${tenant.id}, g.c, 'public', t.seq, g.e, 'activity', g.ak, g.ai, g.an, g.ac
      FROM given g JOIN taken t ON t.id = g.c
      RETURNING present_entry(entries.*) AS entry
    )
    SELECT entry FROM said`);
  tx.afterCommit(() => {
    // The agents' sockets follow the timelines before anything more is told there.
    for (const { conversation, agent, decision, assignedById } of gifts) {
      const rooms = (["public", "internal"] as const).map((one) => timelineRoom(tenant.id, conversation.id, one));
      node.publish.move(readerRoom(tenant.id, agent.id), rooms);
      node.metrics.assignments.inc({ trigger: decision.trigger });
      if (conversation.status !== "queued") continue;
      if (conversation.departmentId) node.queueNews.changed(tenant.id, conversation.departmentId);
      const waitedMs = Math.max(0, Date.now() - conversation.queuedAt.getTime());
      if (assignedById === null) node.metrics.routingWaitSeconds.observe(waitedMs / 1_000);
    }
    for (const { entry } of said) node.publish.entry(tenant.id, entry);
  });
};
