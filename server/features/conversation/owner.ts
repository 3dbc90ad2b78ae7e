import { and, eq } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { contacts, conversations, users } from "../../../db/schema/index.ts";
import type { Ctx } from "../../context.ts";

/** Who looks after a conversation's contact; null where nobody does. For agents who see the conversation. */
export const presentOwner = async ({ tenant }: Ctx, db: Db, conversationId: string) => {
  const [owner] = await db
    .select({ id: users.id, name: users.name })
    .from(conversations)
    .innerJoin(contacts, and(eq(contacts.tenantId, tenant.id), eq(contacts.id, conversations.contactId)))
    .innerJoin(users, eq(users.id, contacts.ownerId))
    .where(and(eq(conversations.tenantId, tenant.id), eq(conversations.id, conversationId)));
  return owner ?? null;
};
