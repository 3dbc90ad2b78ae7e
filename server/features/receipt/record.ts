import { type Ctx, isImpersonated, presentActor, seesAll } from "../../context.ts";
import type { Audience } from "../../contract/entities.ts";
import { readerRoom, contactRoom, timelineRoom } from "../../realtime/rooms.ts";
import { notFound } from "../conversation/access.ts";

type Payload = {
  conversationId: string;
  audience?: Audience | undefined;
  deliveredSeq?: number | undefined;
  readSeq?: number | undefined;
};

/** Moves the actor's cursors forward and tells the timeline when they moved. Committed in groups, like messages. */
export const recordReceipt = async (ctx: Ctx, payload: Payload): Promise<Record<string, never>> => {
  // What somebody looks at in an agent's place, the agent has not read.
  if (isImpersonated(ctx.actor)) return {};
  const { conversationId, audience = "public" } = payload;
  const { found, moved, deliveredSeq, readSeq } = await ctx.node.receipts.record({
    tenantId: ctx.tenant.id,
    conversationId,
    audience,
    actor: { kind: ctx.actor.kind, id: ctx.actor.id },
    seesAll: seesAll(ctx.actor),
    deliveredSeq: payload.deliveredSeq,
    readSeq: payload.readSeq,
  });
  if (!found) throw notFound();
  const { tenant, actor } = ctx;
  // Their own other sockets too: a list that has not opened the conversation counts unread ones.
  const own = actor.kind === "agent" ? readerRoom(tenant.id, actor.id) : contactRoom(tenant.id, actor.id);
  if (moved)
    ctx.node.publish.emit([timelineRoom(tenant.id, conversationId, audience), own], "receipt:recorded", {
      conversationId,
      audience,
      actor: presentActor(ctx.actor),
      deliveredSeq,
      readSeq,
    });
  return {};
};
