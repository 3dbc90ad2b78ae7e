import { networkOf, siteOf } from "../../client-address.ts";
import type { ContactCtx } from "../../context.ts";
import type { Take } from "../../shared-limits.ts";
import { notNow } from "../usage/ensure-within.ts";
import { findStarted } from "./started.ts";

/** Whether this start was carried out before, and is only asked for again. */
const isKnown = (ctx: ContactCtx, clientId: string): Promise<boolean> =>
  ctx.node.tenancy.withTenant(ctx.tenant.id, async (db) => (await findStarted(db, ctx, clientId)) !== undefined);

/**
 * Keeps one address from using up the conversations a workspace has for everybody. Visitors cost nothing to make, so they
 * count by address; one whom the customer's own site vouches for counts a fifth. Throws Refusal `limit_exceeded`.
 */
export const ensureFewStarts = async (ctx: ContactCtx, clientId: string): Promise<void> => {
  const { node, tenant, actor, address = "" } = ctx;
  const points = actor.verified ? 1 : 5;
  const site = siteOf(address);
  const wait = await node.sharedLimits.take(
    { of: "startsOfContact", key: [tenant.id, actor.id] },
    { of: "startsOfAddress", key: [tenant.id, networkOf(address)], points },
    ...(site ? [{ of: "startsOfSite", key: [tenant.id, site], points } satisfies Take] : []),
  );
  if (wait === 0 || (await isKnown(ctx, clientId))) return;
  node.metrics.violations.inc({ kind: "starts" });
  ctx.log.warn({ tenantId: tenant.id, address }, "starts of conversations are held back");
  throw notNow();
};
