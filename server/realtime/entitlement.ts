import type { Ctx } from "../context.ts";
import type { Entitlement } from "../contract/define.ts";
import { Refusal } from "../contract/errors.ts";
import { planOf, planWith } from "../contract/plans.ts";

/** The one place that asks whether a tenant's plan includes a feature. Throws `limit_exceeded`. */
export const checkEntitlement = ({ tenant }: Pick<Ctx, "tenant">, feature: Entitlement): void => {
  const { plan } = tenant;
  if (plan === undefined || planOf(plan).features[feature]) return;
  throw new Refusal("limit_exceeded", `Your plan does not include this. ${planWith(feature)} does.`, { feature, plan });
};
