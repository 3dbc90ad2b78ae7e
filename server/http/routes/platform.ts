import type { platformRoutes } from "../../contract/platform-routes.ts";
import { createImpersonation } from "../../features/impersonation/create.ts";
import { endImpersonation } from "../../features/impersonation/end.ts";
import { listImpersonations } from "../../features/impersonation/list.ts";
import { createPlatformTenant } from "../../features/platform/create-tenant.ts";
import { getPlatformTenant } from "../../features/platform/get-tenant.ts";
import { listPlatformAgents } from "../../features/platform/list-agents.ts";
import { listTenants } from "../../features/platform/list-tenants.ts";
import { resumeTenant } from "../../features/platform/resume.ts";
import { setTenantPlan } from "../../features/platform/set-plan.ts";
import { suspendTenant } from "../../features/platform/suspend.ts";
import type { HandlersOf } from "../guard.ts";

export const platformHandlers: HandlersOf<typeof platformRoutes> = {
  "platform-tenant/list": ({ ctx, query }) => listTenants(ctx, query),
  "platform-tenant/get": ({ ctx, params }) => getPlatformTenant(ctx, params),
  "platform-tenant/list-agents": ({ ctx, params, query }) => listPlatformAgents(ctx, { ...params, ...query }),
  "platform-tenant/create": ({ ctx, body }) => createPlatformTenant(ctx, body),
  "platform-tenant/suspend": ({ ctx, params, body }) => suspendTenant(ctx, { ...params, ...body }),
  "platform-tenant/resume": ({ ctx, params }) => resumeTenant(ctx, params),
  "platform-tenant/set-plan": ({ ctx, params, body }) => setTenantPlan(ctx, { ...params, ...body }),
  "impersonation/create": ({ ctx, body }) => createImpersonation(ctx, body),
  "impersonation/list": ({ ctx, query }) => listImpersonations(ctx, query),
  "impersonation/end": ({ ctx, params }) => endImpersonation(ctx, params),
};
