import { tenantDomains } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { ownDomain } from "./access.ts";

/** Gives a host name up: nobody reaches the workspace by it any more, within seconds. Throws Refusal `not_found`. */
export const deleteDomain = (ctx: AgentCtx, { domainId }: { domainId: string }): Promise<void> =>
  transaction(ctx, async (tx) => {
    const [gone] = await tx.db.delete(tenantDomains).where(ownDomain(ctx, domainId)).returning();
    if (!gone) throw new Refusal("not_found", "There is no such domain.");
    const { host, verifiedAt } = gone;
    await tx.audit("domain.delete", domainId, { before: { host, verifiedAt } });
  });
