import type { workspaceRoutes } from "../../contract/workspace-routes.ts";
import { getPlan } from "../../features/plan/get.ts";
import { listSubscriptionEvents } from "../../features/plan/history.ts";
import { listPlans } from "../../features/plan/list.ts";
import { updatePlan } from "../../features/plan/update.ts";
import { getTenant } from "../../features/tenant/get.ts";
import { updateTenant } from "../../features/tenant/update.ts";
import { getUsage } from "../../features/usage/get.ts";
import type { HandlersOf } from "../guard.ts";

export const workspaceHandlers: HandlersOf<typeof workspaceRoutes> = {
  "plan/list": async () => listPlans(),
  "tenant/get": ({ ctx }) => getTenant(ctx),
  "tenant/update": ({ ctx, body }) => updateTenant(ctx, body),
  "usage/get": ({ ctx }) => getUsage(ctx),
  "plan/get": ({ ctx }) => getPlan(ctx),
  "plan/update": ({ ctx, body }) => updatePlan(ctx, body),
  "subscription-event/list": ({ ctx, query }) => listSubscriptionEvents(ctx, query),
};
