import { and, eq, isNull, sql } from "drizzle-orm";
import { apiKeys } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { ensureHeld, lockRights } from "../role/rights.ts";

/**
 * Ends a key at once. Revoking it again changes nothing. Throws Refusal `not_found`, or `permission_denied` for somebody
 * else's that holds more than the actor.
 */
export const revokeApiKey = (ctx: AgentCtx, { apiKeyId }: { apiKeyId: string }): Promise<void> =>
  transaction(ctx, async (tx) => {
    const rights = await lockRights(ctx, tx, "api_key.manage");
    const own = and(eq(apiKeys.tenantId, ctx.tenant.id), eq(apiKeys.id, apiKeyId));
    const [key] = await tx.db
      .select({ makerId: apiKeys.createdById, permissions: apiKeys.permissions })
      .from(apiKeys)
      .where(own);
    if (!key) throw new Refusal("not_found", "There is no such API key.");
    if (key.makerId !== ctx.actor.id) ensureHeld(rights, key.permissions, "This key");
    const [revoked] = await tx.db
      .update(apiKeys)
      .set({ revokedAt: sql`now()` })
      .where(and(own, isNull(apiKeys.revokedAt)))
      .returning({ name: apiKeys.name, prefix: apiKeys.prefix });
    if (revoked) await tx.audit("api_key.revoke", apiKeyId, { before: revoked });
  });
