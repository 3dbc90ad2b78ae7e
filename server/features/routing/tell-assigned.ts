import { sql } from "drizzle-orm";
import type { AnyCtx, Tx } from "../../context.ts";
import type { Conversation } from "../../contract/entities.ts";
import { readerRoom } from "../../realtime/rooms.ts";

/** Tells agents, after the commit and each in their own view, what they were given. */
export const tellAssigned = async (
  { tenant, node }: AnyCtx,
  tx: Tx,
  given: { conversationId: string; agentId: string }[],
): Promise<void> => {
  if (given.length === 0) return;
  const { rows } = await tx.db.execute<{ agentId: string; conversation: Conversation }>(sql`
    SELECT g."agentId", present_conversation(c, 'agent', g."agentId") AS conversation
    FROM json_to_recordset(${JSON.stringify(given)}::json) AS g("conversationId" uuid, "agentId" uuid)
    JOIN conversations c ON c.tenant_id = ${tenant.id} AND c.id = g."conversationId"
    WHERE c.id = ANY(${sql.param(given.map(({ conversationId }) => conversationId))}::uuid[])`);
  tx.afterCommit(() => {
    for (const { agentId, conversation } of rows)
      node.publish.emit([readerRoom(tenant.id, agentId)], "conversation:assigned", { conversation });
  });
};
