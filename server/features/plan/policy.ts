import { type PlanName, planNames, type SubscriptionStatus } from "../../contract/plans.ts";

/** What is left to a workspace whose trial or subscription has ended. */
export const smallestPlan: PlanName = planNames[0];

/** The state after a customer has chosen a plan: a choice ends a trial and a cancellation, but pays no bill. */
export const statusOnceChosen = (status: SubscriptionStatus): SubscriptionStatus =>
  status === "past_due" ? "past_due" : "active";
