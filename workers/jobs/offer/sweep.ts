import { sql } from "drizzle-orm";
import { askAcrossTenants } from "../../../db/across-tenants.ts";
import type { Node } from "../../../server/context.ts";
import { lapseOffer } from "../../../server/features/offer/lapse.ts";

type Lapsed = { tenantId: string; conversationId: string };

/**
 * Passes on what was offered and never answered, where no node has done it: those can tell the agent's devices at once, so
 * they have a few seconds to come first.
 */
export const sweepOffers = async (node: Node): Promise<void> => {
  const lapsed = await askAcrossTenants<Lapsed>(
    node.tenancy,
    (tenants) => sql`
      SELECT tenant_id AS "tenantId", conversation_id AS "conversationId" FROM offers
      WHERE tenant_id = ANY(${tenants}) AND status = 'pending' AND expires_at <= now() - interval '3 seconds' ORDER BY expires_at`,
  );
  for (const { tenantId, conversationId } of lapsed)
    await lapseOffer(node, { id: tenantId, name: "" }, conversationId).catch((error: unknown) =>
      node.log.warn({ err: error }, "an offer that has lapsed is left to the next sweep"),
    );
};
