import { and, eq, isNull, sql } from "drizzle-orm";
import { apiKeys } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";

/** Ends a key at once. Revoking it again changes nothing. Throws Refusal `not_found`. */
export const revokeApiKey = (ctx: AgentCtx, { apiKeyId }: { apiKeyId: string }): Promise<void> =>
  transaction(ctx, async (tx) => {
    const own = and(eq(apiKeys.tenantId, ctx.tenant.id), eq(apiKeys.id, apiKeyId));
    const [revoked] = await tx.db
      .update(apiKeys)
      .set({ revokedAt: sql`now()` })
      .where(and(own, isNull(apiKeys.revokedAt)))
      .returning({ name: apiKeys.name, prefix: apiKeys.prefix });
    if (revoked) {
      await tx.audit("api_key.revoke", apiKeyId, { before: revoked });
      return;
    }
    const [known] = await tx.db.select({ id: apiKeys.id }).from(apiKeys).where(own);
    if (!known) throw new Refusal("not_found", "There is no such API key.");
  });
