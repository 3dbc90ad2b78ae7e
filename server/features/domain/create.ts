import { randomBytes } from "node:crypto";
import { v7 as uuidv7 } from "uuid";
import { tenantDomains } from "../../../db/schema/index.ts";
import type { Config } from "../../config.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import type { Domain } from "../../contract/access-routes.ts";
import { Refusal } from "../../contract/errors.ts";
import { presentDomain } from "./present.ts";

/** Whether a name is Parley's own or below it: those are given out by the workspaces' short names. */
const isOurs = (host: string, { BASE_DOMAIN, PUBLIC_URL }: Pick<Config, "BASE_DOMAIN" | "PUBLIC_URL">): boolean =>
  (PUBLIC_URL !== undefined && host === new URL(PUBLIC_URL).hostname) ||
  (BASE_DOMAIN !== undefined && (host === BASE_DOMAIN || host.endsWith(`.${BASE_DOMAIN}`)));

/**
 * Claims a host name for the workspace, and says which record shows that it is its own. Several may claim a name; the first
 * that shows the record gets it. Throws Refusal: `conflict` where the workspace has claimed it already.
 */
export const createDomain = async (ctx: AgentCtx, { host }: { host: string }): Promise<{ domain: Domain }> => {
  if (isOurs(host, ctx.node.config))
    throw new Refusal("invalid_payload", "body.host: is one of Parley's own names. Change the short name instead.");
  return transaction(ctx, async (tx) => {
    const id = uuidv7();
    const [row] = await tx.db
      .insert(tenantDomains)
      .values({ tenantId: ctx.tenant.id, id, host, token: randomBytes(24).toString("base64url") })
      .onConflictDoNothing({ target: [tenantDomains.tenantId, tenantDomains.host] })
      .returning();
    if (!row) throw new Refusal("conflict", `${host} is in the list already.`);
    await tx.audit("domain.create", id, { after: { host } });
    return { domain: presentDomain(row) };
  });
};
