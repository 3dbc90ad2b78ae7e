import type { Ctx } from "../../context.ts";
import { presentOwner } from "./owner.ts";
import { presentConversation } from "./present.ts";

/** One conversation as the actor may see it, and who looks after its contact. */
export const getConversation = (ctx: Ctx, { conversationId }: { conversationId: string }) =>
  ctx.node.tenancy.withTenant(ctx.tenant.id, async (db) => ({
    conversation: await presentConversation(ctx, db, conversationId),
    owner: await presentOwner(ctx, db, conversationId),
  }));
