import { v7 as uuidv7 } from "uuid";
import { apiKeys } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import type { ApiKey } from "../../contract/access-routes.ts";
import { Refusal } from "../../contract/errors.ts";
import type { Permission } from "../../contract/permissions.ts";
import { lockRights } from "../role/rights.ts";
import { issueKey } from "./key.ts";
import { presentApiKey } from "./present.ts";

type Wanted = { name: string; permissions: Permission[]; expiresAt?: string | null | undefined };

/**
 * Makes a key that acts for its maker. The key itself is answered this once and kept nowhere. Throws Refusal:
 * `permission_denied` for permissions the maker does not hold, `invalid_payload` for an end that has passed.
 */
export const createApiKey = async (ctx: AgentCtx, wanted: Wanted): Promise<{ apiKey: ApiKey; key: string }> => {
  const { tenant, actor } = ctx;
  const permissions = [...new Set(wanted.permissions)];
  const expiresAt = wanted.expiresAt ? new Date(wanted.expiresAt) : null;
  if (expiresAt && expiresAt <= new Date())
    throw new Refusal("invalid_payload", "body.expiresAt: is in the past. Choose a moment to come.");
  const id = uuidv7();
  const { key, prefix, secretHash } = issueKey(tenant.id, id);
  const apiKey = await transaction(ctx, async (tx) => {
    const { held } = await lockRights(ctx, tx, "api_key.manage");
    const lacking = permissions.filter((one) => !held.has(one));
    if (lacking.length > 0)
      throw new Refusal("permission_denied", `You can't give permissions that you don't have: ${lacking.join(", ")}.`, {
        permissions: lacking,
      });
    const { name } = wanted;
    const [row] = await tx.db
      .insert(apiKeys)
      .values({ tenantId: tenant.id, id, name, prefix, secretHash, permissions, createdById: actor.id, expiresAt })
      .returning();
    await tx.audit("api_key.create", id, { after: { name, prefix, permissions, expiresAt } });
    return presentApiKey(row!, actor.name);
  });
  return { apiKey, key };
};
