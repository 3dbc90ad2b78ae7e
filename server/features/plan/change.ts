import { eq } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import { subscriptionEvents, tenants } from "../../../db/schema/index.ts";
import type { Node, Tx } from "../../context.ts";
import type { PlanName, SubscriptionStatus } from "../../contract/plans.ts";
import type { Subscription } from "../../contract/workspace-routes.ts";
import { linkTo } from "../mail/link.ts";
import type { TenantRow } from "../tenant/access.ts";
import { mailAdmins } from "../tenant/mail-admins.ts";
import { presentSubscription } from "./get.ts";
import { subscriptionChanged } from "./notices.ts";

export type Wanted = { plan: PlanName; status: SubscriptionStatus; trialEndsAt: Date | null };
type Cause = { by: { kind: string; id?: string | undefined }; reason?: string | undefined };

/** Why a trial that nobody ended is over. */
export const trialEnded = "trial_ended";

/**
 * Gives a locked tenant another plan or another state: the row, a line of its history, the audit log and a mail to its admins
 * are one commit. What stands beyond the new plan stays and is named in the answer. Wanting what is changes nothing.
 */
export const changeSubscription = async (
  node: Node,
  tx: Tx,
  tenant: TenantRow,
  { plan, status, trialEndsAt }: Wanted,
  { by, reason }: Cause,
): Promise<Subscription> => {
  const same =
    tenant.plan === plan &&
    tenant.subscriptionStatus === status &&
    tenant.trialEndsAt?.getTime() === trialEndsAt?.getTime();
  if (same) return presentSubscription(tx.db, tenant);
  await tx.db.update(tenants).set({ plan, subscriptionStatus: status, trialEndsAt }).where(eq(tenants.id, tenant.id));
  await tx.db.insert(subscriptionEvents).values({
    tenantId: tenant.id,
    id: uuidv7(),
    plan,
    status,
    previousPlan: tenant.plan,
    previousStatus: tenant.subscriptionStatus,
    actorKind: by.kind,
    actorId: by.id,
    reason,
  });
  await tx.audit("plan.update", tenant.id, {
    before: { plan: tenant.plan, status: tenant.subscriptionStatus, trialEndsAt: tenant.trialEndsAt },
    after: { plan, status, trialEndsAt, ...(reason !== undefined && { reason }) },
  });
  const subscription = await presentSubscription(tx.db, {
    id: tenant.id,
    plan,
    subscriptionStatus: status,
    trialEndsAt,
  });
  const about = { workspace: tenant.name, url: linkTo(node.config, "settings/plan") };
  await mailAdmins(tx, tenant.id, subscriptionChanged(about, subscription, reason === trialEnded));
  // What a socket's commands may do hangs on the plan it knows.
  if (tenant.plan !== plan) tx.afterCommit(() => node.publish.changeAccess(tenant.id));
  return subscription;
};
