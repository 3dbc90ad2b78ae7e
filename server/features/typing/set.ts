import { type Ctx, presentActor } from "../../context.ts";
import type { Audience } from "../../contract/entities.ts";
import { timelineRoom } from "../../realtime/rooms.ts";
import { notFound } from "../conversation/access.ts";

type Payload = { conversationId: string; audience?: Audience | undefined; typing: boolean };

/**
 * Tells the timeline's other members that the actor writes or stopped. Nothing is stored, and no database is asked: whoever
 * follows the timeline has been let in. `follows` answers that for the socket the command came by.
 */
export const setTyping = (ctx: Ctx, payload: Payload, follows: (room: string) => boolean): Record<string, never> => {
  const { conversationId, audience = "public", typing } = payload;
  const room = timelineRoom(ctx.tenant.id, conversationId, audience);
  if (!follows(room)) throw notFound();
  ctx.node.publish.emit(
    [room],
    "typing:changed",
    { conversationId, audience, actor: presentActor(ctx.actor), typing },
    ctx.socketId ? { socketId: ctx.socketId } : undefined,
  );
  return {};
};
