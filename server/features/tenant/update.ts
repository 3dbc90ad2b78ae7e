import { eq } from "drizzle-orm";
import { tenants } from "../../../db/schema/index.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import type { Tenant } from "../../contract/workspace-routes.ts";
import { accessTenant } from "./access.ts";
import { presentTenant } from "./present.ts";
import { claimSlug } from "./slug.ts";

type Changes = {
  name?: string | undefined;
  slug?: string | undefined;
  timeZone?: string | undefined;
  allowedOrigins?: string[] | undefined;
};

const changeable = ["name", "slug", "timeZone", "allowedOrigins"] as const;

/** Changes what is named and leaves the rest. Throws Refusal `conflict` for a short name that is taken. */
export const updateTenant = (ctx: AgentCtx, changes: Changes): Promise<{ tenant: Tenant }> =>
  transaction(ctx, async (tx) => {
    const { id } = ctx.tenant;
    const before = await accessTenant(tx.db, id, { lock: true });
    const wanted = {
      ...changes,
      ...(changes.allowedOrigins && { allowedOrigins: [...new Set(changes.allowedOrigins)] }),
    };
    const changed = changeable.filter(
      (field) => wanted[field] !== undefined && JSON.stringify(wanted[field]) !== JSON.stringify(before[field]),
    );
    if (changed.length === 0) return { tenant: presentTenant(before) };
    const only = (row: Changes) => Object.fromEntries(changed.map((field) => [field, row[field]]));
    const write = () => tx.db.update(tenants).set(only(wanted)).where(eq(tenants.id, id));
    await (changed.includes("slug") ? claimSlug(wanted.slug!, write) : write());
    await tx.audit("tenant.update", id, { before: only(before), after: only(wanted) });
    return { tenant: presentTenant(await accessTenant(tx.db, id, { lock: false })) };
  });
