import { and, eq, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { conversations } from "../../../db/schema/index.ts";
import { type Ctx, readsConversations, seesAll } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";

export type ConversationRow = typeof conversations.$inferSelect;

/** What another tenant's, another person's and a made-up id are all answered with. */
export const notFound = () => new Refusal("not_found", "There is no such conversation.");

/** SQL: whether the actor may see the conversation of the row at hand. The table must not be aliased. */
export const visibleTo = ({ actor, ...ctx }: Ctx) =>
  readsConversations(actor)
    ? sql`can_see(conversations, ${actor.kind}, ${actor.id}::uuid, ${seesAll(actor)}) AND conversations.tenant_id = ${ctx.tenant.id}`
    : sql`false`;

/** Says `not_found` unless the actor may see the conversation. */
export const ensureVisible = async (ctx: Ctx, db: Db, conversationId: string): Promise<void> => {
  const { rows } = await db.execute(sql`SELECT FROM conversations WHERE id = ${conversationId} AND ${visibleTo(ctx)}`);
  if (rows.length === 0) throw notFound();
};

/** The conversation, locked until the transaction ends, or `not_found`. */
export const accessConversation = async (ctx: Ctx, db: Db, conversationId: string): Promise<ConversationRow> => {
  const [row] = await db
    .select()
    .from(conversations)
    .where(and(eq(conversations.tenantId, ctx.tenant.id), eq(conversations.id, conversationId), visibleTo(ctx)))
    .for("no key update");
  if (!row) throw notFound();
  return row;
};

/** Refuses what was decided on an outdated view, with the present one. */
export const expectVersion = (row: ConversationRow, expectedVersion: number | undefined): void => {
  if (expectedVersion === undefined || row.version === expectedVersion) return;
  throw new Refusal("conflict", "The conversation has changed in the meantime.", {
    conversationId: row.id,
    version: row.version,
    status: row.status,
    assigneeId: row.assigneeId,
    departmentId: row.departmentId,
  });
};
