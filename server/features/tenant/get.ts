import type { AgentCtx } from "../../context.ts";
import type { Tenant } from "../../contract/workspace-routes.ts";
import { accessTenant } from "./access.ts";
import { presentTenant } from "./present.ts";

/** The workspace's own settings. */
export const getTenant = async ({ node, tenant }: AgentCtx): Promise<{ tenant: Tenant }> => {
  const row = await node.tenancy.withTenant(tenant.id, (db) => accessTenant(db, tenant.id, { lock: false }));
  return { tenant: presentTenant(row) };
};
