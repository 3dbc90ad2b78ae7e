import type { TestNode } from "./nodes.ts";
import type { TestTenant } from "./tenant.ts";
import { openRawWebSocket } from "./websocket.ts";
import type { RawWebSocket } from "./websocket.ts";

/** A contact's session on a bare WebSocket, ready to be abused: past the handshake, and with no client in between. */
export const openWidgetSession = async (node: TestNode, tenant: TestTenant): Promise<RawWebSocket> => {
  const socket = await openRawWebSocket(node.port, { Origin: tenant.inbox.origin });
  socket.text(`40/widget,${JSON.stringify({ inboxKey: tenant.inbox.key })}`);
  await socket.next((text) => text.startsWith('42/widget,["session:ready"'));
  return socket;
};
