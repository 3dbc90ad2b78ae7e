import type { Ctx } from "../../context.ts";
import { presentCare } from "./owner.ts";
import { presentConversation } from "./present.ts";

/** One conversation as the actor may see it, who looks after its contact, and how to reach them. */
export const getConversation = (ctx: Ctx, { conversationId }: { conversationId: string }) =>
  ctx.node.tenancy.readTenant(ctx.tenant.id, ctx.actor.kind, async (db) => ({
    conversation: await presentConversation(ctx, db, conversationId),
    ...(await presentCare(ctx, db, conversationId)),
  }));
