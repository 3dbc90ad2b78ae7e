import type { Db } from "../../../db/client.ts";
import type { AgentCtx } from "../../context.ts";
import type { Subscription } from "../../contract/workspace-routes.ts";
import { accessTenant, type TenantRow } from "../tenant/access.ts";
import { measure, overOf } from "../usage/measure.ts";

type Subscribed = Pick<TenantRow, "id" | "plan" | "subscriptionStatus" | "trialEndsAt">;

/** A subscription, and what stands beyond its plan. */
export const presentSubscription = async (db: Db, tenant: Subscribed): Promise<Subscription> => ({
  plan: tenant.plan,
  status: tenant.subscriptionStatus,
  trialEndsAt: tenant.trialEndsAt?.toISOString() ?? null,
  over: overOf(await measure(db, tenant.id, tenant.plan)),
});

/** The plan the workspace is on. */
export const getPlan = ({ node, tenant }: AgentCtx): Promise<{ subscription: Subscription }> =>
  node.tenancy.withTenant(tenant.id, async (db) => ({
    subscription: await presentSubscription(db, await accessTenant(db, tenant.id, { lock: false })),
  }));
