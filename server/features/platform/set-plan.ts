import type { AgentCtx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { canBecome, type PlanName, planOf, type SubscriptionStatus } from "../../contract/plans.ts";
import { changeSubscription, type Wanted } from "../plan/change.ts";
import { smallestPlan } from "../plan/policy.ts";
import type { TenantRow } from "../tenant/access.ts";
import { transactionAt } from "./access.ts";
import { presentPlatformTenant } from "./present.ts";

type Payload = {
  tenantId: string;
  plan: PlanName;
  status?: SubscriptionStatus | undefined;
  trialEndsAt?: string | undefined;
  reason?: string | undefined;
};

/** What the staff ask for, as a whole and possible. Throws Refusal. */
const wantedOf = ({ subscriptionStatus, trialEndsAt }: TenantRow, payload: Payload): Wanted => {
  const status = payload.status ?? (subscriptionStatus === "canceled" ? "active" : subscriptionStatus);
  if (!canBecome(subscriptionStatus, status))
    throw new Refusal("conflict", `A subscription that is ${subscriptionStatus} can't become ${status}.`, {
      status: subscriptionStatus,
    });
  if (status === "canceled" && payload.plan !== smallestPlan)
    throw new Refusal("invalid_payload", `A canceled subscription is on ${planOf(smallestPlan).name}.`);
  if (status !== "trialing") {
    if (payload.trialEndsAt !== undefined)
      throw new Refusal("invalid_payload", "Only a trial has an end: leave `trialEndsAt` out.");
    return { plan: payload.plan, status, trialEndsAt: null };
  }
  const endsAt = payload.trialEndsAt === undefined ? trialEndsAt : new Date(payload.trialEndsAt);
  if (!endsAt || endsAt.getTime() <= Date.now())
    throw new Refusal("invalid_payload", "A trial needs an end that is yet to come: give `trialEndsAt`.");
  return { plan: payload.plan, status, trialEndsAt: endsAt };
};

/** Puts a workspace on a plan and its subscription into a state, as sold. Without `status` it stays; a canceled one begins anew. */
export const setTenantPlan = (ctx: AgentCtx, payload: Payload) =>
  transactionAt(ctx, payload.tenantId, async (tx, tenant) => {
    const cause = { by: { kind: "platform", id: ctx.actor.id }, reason: payload.reason };
    const subscription = await changeSubscription(ctx.node, tx, tenant, wantedOf(tenant, payload), cause);
    return { tenant: await presentPlatformTenant(tx.db, payload.tenantId), subscription };
  });
