import { and, eq } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { conversations } from "../../../db/schema/index.ts";
import type { ContactCtx } from "../../context.ts";

/** The id of the conversation that the contact has started with this client id; undefined where there is none yet. */
export const findStarted = async (
  db: Db,
  { tenant, actor }: Pick<ContactCtx, "tenant" | "actor">,
  clientId: string,
): Promise<string | undefined> => {
  const [found] = await db
    .select({ id: conversations.id })
    .from(conversations)
    .where(
      and(
        eq(conversations.tenantId, tenant.id),
        eq(conversations.contactId, actor.id),
        eq(conversations.clientId, clientId),
      ),
    );
  return found?.id;
};
