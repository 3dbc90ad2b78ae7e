import { sql } from "drizzle-orm";
import type { AgentCtx } from "../../context.ts";
import type { Offer } from "../../contract/agent.ts";

/** What is held out to the agent right now, the oldest first: for a desktop that has just connected. */
export const listOffers = async ({ tenant, actor, node }: AgentCtx): Promise<Offer[]> => {
  const { rows } = await node.tenancy.withTenant(tenant.id, (db) =>
    db.execute<Offer>(sql`
      SELECT present_conversation(c, 'agent', o.agent_id) AS conversation,
        wire_time(o.offered_at) AS "offeredAt", wire_time(o.expires_at) AS "expiresAt"
      FROM offers o JOIN conversations c ON c.tenant_id = o.tenant_id AND c.id = o.conversation_id
      WHERE o.tenant_id = ${tenant.id} AND o.agent_id = ${actor.id} AND o.status = 'pending' AND o.expires_at > now()
      ORDER BY o.offered_at, o.id`),
  );
  return rows;
};
