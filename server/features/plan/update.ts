import { type AgentCtx, transaction } from "../../context.ts";
import type { PlanName } from "../../contract/plans.ts";
import type { Subscription } from "../../contract/workspace-routes.ts";
import { accessTenant } from "../tenant/access.ts";
import { changeSubscription } from "./change.ts";
import { statusOnceChosen } from "./policy.ts";

/** Puts the workspace on the plan its admin chooses; a trial is over with that. */
export const updatePlan = (ctx: AgentCtx, { plan }: { plan: PlanName }): Promise<{ subscription: Subscription }> =>
  transaction(ctx, async (tx) => {
    const tenant = await accessTenant(tx.db, ctx.tenant.id, { lock: true });
    const wanted = { plan, status: statusOnceChosen(tenant.subscriptionStatus), trialEndsAt: null };
    const by = { kind: "agent", id: ctx.actor.id };
    return { subscription: await changeSubscription(ctx.node, tx, tenant, wanted, { by }) };
  });
