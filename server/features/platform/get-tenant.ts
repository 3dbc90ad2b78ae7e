import type { AgentCtx } from "../../context.ts";
import { listAdmins } from "../tenant/access.ts";
import { measure } from "../usage/measure.ts";
import { readTenant } from "./access.ts";
import { presentPlatformTenant } from "./present.ts";

/** A customer's workspace: its state, what it uses of its plan, and its admins. */
export const getPlatformTenant = (ctx: AgentCtx, { tenantId }: { tenantId: string }) =>
  readTenant(ctx, tenantId, async (db, { plan }) => ({
    tenant: await presentPlatformTenant(db, tenantId),
    limits: await measure(db, tenantId, plan),
    admins: await listAdmins(db, tenantId),
  }));
