import type { Socket } from "socket.io";
import type { Ctx } from "../context.ts";
import { presenceOfCounterparts } from "../features/presence/counterparts.ts";
import { bundle } from "./presence-news.ts";
import type { Present } from "./presence.ts";

/** What a socket carries of its person's presence; absent where nobody is present by it. */
export type PresentData = { present?: Present };

/** From now on this socket's person is present by it. */
export const appear = async (socket: Socket, { node, tenant, actor }: Ctx): Promise<void> => {
  const data = socket.data as PresentData;
  if (data.present !== undefined || !socket.connected) return;
  data.present = "online";
  await node.presence.arrive(tenant.id, actor.kind, actor.id);
};

/** Shows a socket how those are with whom it has just begun to talk; later changes reach it by the timelines' rooms. */
export const showPresence = async (socket: Socket, ctx: Ctx, counterparts: string[]): Promise<void> => {
  for (const change of bundle(await presenceOfCounterparts(ctx, counterparts))) socket.emit("presence:changed", change);
};
