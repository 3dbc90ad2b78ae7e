import type { Ctx } from "../../context.ts";
import { presentConversation } from "./present.ts";

/** One conversation as the actor may see it. */
export const getConversation = async (ctx: Ctx, { conversationId }: { conversationId: string }) => ({
  conversation: await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) => presentConversation(ctx, db, conversationId)),
});
