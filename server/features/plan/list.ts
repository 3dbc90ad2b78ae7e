import { planNames, planOf } from "../../contract/plans.ts";
import type { PlanOffer } from "../../contract/workspace-routes.ts";

/** Everything that is sold, the smallest first. */
export const listPlans = (): { data: PlanOffer[]; nextCursor: null } => ({
  data: planNames.map((plan) => {
    const { name, limits, features } = planOf(plan);
    return { name: plan, title: name, limits, features };
  }),
  nextCursor: null,
});
