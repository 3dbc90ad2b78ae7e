import { and, eq } from "drizzle-orm";
import { entries } from "../../../db/schema/index.ts";
import { can, type Ctx, type Tx } from "../../context.ts";
import type { Audience } from "../../contract/entities.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Permission } from "../../contract/permissions.ts";
import { accessConversation } from "../conversation/access.ts";

export type AboutMessage = { conversationId: string; audience?: Audience | undefined; seq: number };

/**
 * The message a command names, with its conversation locked. `mayOthers`: the right to do this to another's message;
 * "anyone" needs none. Refuses what is archived, deleted or no message at all.
 */
export const accessMessage = async (ctx: Ctx, tx: Tx, about: AboutMessage, mayOthers: Permission | "anyone") => {
  const { conversationId, seq, audience = "public" } = about;
  const conversation = await accessConversation(ctx, tx.db, conversationId);
  const missing = new Refusal("not_found", "There is no such message.");
  if (audience === "internal" && ctx.actor.kind === "contact") throw missing;
  const where = and(
    eq(entries.tenantId, ctx.tenant.id),
    eq(entries.conversationId, conversationId),
    eq(entries.audience, audience),
    eq(entries.seq, seq),
  );
  const [message] = await tx.db.select().from(entries).where(where);
  if (!message || message.kind !== "message" || message.deletedAt) throw missing;
  if (conversation.status === "archived")
    throw new Refusal("read_only", "This conversation is archived and can only be read.");
  const own = message.authorKind === ctx.actor.kind && message.authorId === ctx.actor.id;
  if (!own && mayOthers !== "anyone" && !can(ctx.actor, mayOthers))
    throw new Refusal("permission_denied", "Only the author of a message may do this.");
  return { message, audience, where };
};
