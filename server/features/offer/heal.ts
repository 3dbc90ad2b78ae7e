import type { Node } from "../../context.ts";
import { readerRoom } from "../../realtime/rooms.ts";
import { listOffers } from "./list.ts";

/** A pending offer; times as the wire writes them. */
export type Held = { tenantId: string; conversationId: string; agentId: string; offeredAt: string };

/**
 * Tells this node's agents of offers that no live event told them of: whoever made them died first, or Redis was away. The
 * offers must be a moment old, so that the event had its time.
 */
export const healOffers = async (node: Node, held: readonly Held[]): Promise<void> => {
  const { told, hasMembers, emitLocally } = node.publish;
  for (const { tenantId, conversationId, agentId, offeredAt } of held) {
    const room = readerRoom(tenantId, agentId);
    if (!hasMembers(room) || !told.offered(conversationId, offeredAt)) continue;
    const offers = await listOffers(node, tenantId, agentId);
    const missed = offers.find((offer) => offer.conversation.id === conversationId);
    if (missed) emitLocally([room], "conversation:offered", missed);
  }
};
