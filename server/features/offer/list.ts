import { sql } from "drizzle-orm";
import type { Node } from "../../context.ts";
import type { Offer } from "../../contract/agent.ts";

/** What is held out to an agent right now, the oldest first: for a desktop that has just connected, or missed something. */
export const listOffers = async (node: Node, tenantId: string, agentId: string): Promise<Offer[]> => {
  const { rows } = await node.tenancy.withTenant(tenantId, (db) =>
    db.execute<Offer>(sql`
      SELECT present_conversation(c, 'agent', o.agent_id) AS conversation,
        wire_time(o.offered_at) AS "offeredAt", wire_time(o.expires_at) AS "expiresAt"
      FROM offers o JOIN conversations c ON c.tenant_id = o.tenant_id AND c.id = o.conversation_id
      WHERE o.tenant_id = ${tenantId} AND o.agent_id = ${agentId} AND o.status = 'pending' AND o.expires_at > now()
      ORDER BY o.offered_at, o.id`),
  );
  return rows;
};
