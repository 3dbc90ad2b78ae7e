import type { Node } from "../../context.ts";
import type { Availability } from "../../contract/entities.ts";
import { agentRoom } from "../../realtime/rooms.ts";
import { watchersOf } from "../presence/watchers.ts";

type Cause = {
  /** Why, where it was not the agent's own choice. */
  reason?: string;
  /** The socket that chose it: it has the answer. */
  socketId?: string | undefined;
};

/**
 * Tells a changed availability, once it is committed, to whoever watches the agent, and to the agent's own sockets. Returns
 * at once: what fails here is seen at the next connect.
 */
export const announceAvailability = (
  node: Node,
  tenantId: string,
  agentId: string,
  availability: Availability,
  { reason, socketId }: Cause = {},
): void => {
  const tell = async () => {
    const present = await node.presence.among(tenantId, "agent", [agentId]);
    const changed = new Map([[agentId, present?.get(agentId) ?? "offline"] as const]);
    for (const { change, colleagues, others } of await watchersOf(node, tenantId, changed))
      node.publish.emit([...colleagues, ...others], "presence:changed", { ...change, availability });
    const told = { availability, ...(reason !== undefined && { reason }) };
    node.publish.emit(
      [agentRoom(tenantId, agentId)],
      "availability:changed",
      told,
      socketId ? { socketId } : undefined,
    );
    // Whether anybody answers at an inbox may have changed with it.
    node.publish.hintPresence(tenantId);
  };
  tell().catch((error: unknown) => node.log.warn({ err: error }, "a changed availability was not told"));
};
