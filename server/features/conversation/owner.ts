import { and, eq } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { contacts, conversations, users } from "../../../db/schema/index.ts";
import type { Ctx } from "../../context.ts";

/** How a conversation's contact can be reached, and who looks after them; null where nobody does. For agents who see the conversation. */
export const presentCare = async ({ tenant }: Ctx, db: Db, conversationId: string) => {
  const [found] = await db
    .select({ email: contacts.email, owner: { id: users.id, name: users.name } })
    .from(conversations)
    .innerJoin(contacts, and(eq(contacts.tenantId, tenant.id), eq(contacts.id, conversations.contactId)))
    .leftJoin(users, eq(users.id, contacts.ownerId))
    .where(and(eq(conversations.tenantId, tenant.id), eq(conversations.id, conversationId)));
  return { owner: found?.owner ?? null, contactEmail: found?.email ?? null };
};
