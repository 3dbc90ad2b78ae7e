import { type PlanName, planNames, type SubscriptionStatus } from "../../contract/plans.ts";

/** What is left to a workspace whose trial or subscription has ended. */
export const smallestPlan: PlanName = planNames[0];

const next: Record<SubscriptionStatus, SubscriptionStatus[]> = {
  trialing: ["trialing", "active", "canceled"],
  active: ["active", "past_due", "canceled"],
  past_due: ["past_due", "active", "canceled"],
  canceled: ["canceled", "active", "trialing"],
};

/** Whether a subscription in one state may come into another. */
export const canBecome = (from: SubscriptionStatus, to: SubscriptionStatus): boolean => next[from].includes(to);

/** The state after a customer has chosen a plan: a choice ends a trial and a cancellation, but pays no bill. */
export const statusOnceChosen = (status: SubscriptionStatus): SubscriptionStatus =>
  status === "past_due" ? "past_due" : "active";
