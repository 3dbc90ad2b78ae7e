import { create } from "zustand";
import { permissions } from "../../server/contract/permissions.ts";
import { planOf, planWith, type Feature } from "../../server/contract/plans.ts";
import { routes } from "../../server/contract/admin.ts";
import type { RouteSpec } from "../../server/contract/define.ts";
import { ask } from "../session/ask.ts";
import { useClientState } from "../session/client-context.tsx";
import type { Answer, RouteName } from "../session/rest.ts";

export type Me = Answer<"me">;

/** Who is signed in, as REST tells it; null until it came. */
export const useOwn = create<{ me: Me | null }>(() => ({ me: null }));

export const putOwn = (me: Me | null): void => useOwn.setState({ me });

/** Asks again, when something about the person or their plan may have changed. Throws RestError. */
export const loadOwn = async (signal?: AbortSignal): Promise<Me> => {
  const me = await ask("me", {}, signal);
  putOwn(me);
  return me;
};

const featureNames: Record<Feature, string> = {
  customRoles: "custom roles",
  slaPolicies: "SLA policies",
  platformEscalation: "escalation to the platform",
  webhooks: "webhooks",
  apiKeys: "API keys",
  auditExport: "exporting the audit log",
  dedicatedDatabase: "a dedicated database",
  whiteLabel: "custom domains",
};

/** How a settings page calls what plans include. */
export const featureName = (feature: Feature): string => featureNames[feature];

type Standing = { held: readonly string[]; me: Me | null };

/** Why somebody can't call a route, as a sentence for the greyed-out button; null when nothing is in the way. */
export const obstacleOf = (name: RouteName, { held, me }: Standing): string | null => {
  const { permission, entitlement, method, auth }: RouteSpec = routes[name];
  if (permission && !held.includes(permission)) return `Your role doesn't include: ${permissions[permission]}`;
  if (me?.readOnly && method !== "GET") return "You can only look here";
  if (me?.via && auth === "person") return "Only the person themselves can do this";
  if (entitlement && me && !planOf(me.tenant.plan).features[entitlement])
    return `Your plan doesn't include ${featureName(entitlement)}: ${planWith(entitlement)} does`;
  return null;
};

/** The same for whoever is signed in; follows their rights as they change. */
export const useRouteObstacle = (name: RouteName): string | null => {
  const held = useClientState((state) => state.session.permissions);
  const me = useOwn((own) => own.me);
  return obstacleOf(name, { held, me });
};
