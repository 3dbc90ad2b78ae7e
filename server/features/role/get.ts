import { sql } from "drizzle-orm";
import type { AgentCtx } from "../../context.ts";
import type { MemberRole } from "../../contract/people-routes.ts";
import { presentedRole, presentRole } from "./present.ts";
import { noRole } from "./rights.ts";

/** A role of the tenant. Throws Refusal `not_found`. */
export const getRole = async (ctx: AgentCtx, { roleKey }: { roleKey: string }): Promise<{ role: MemberRole }> => {
  const { rows } = await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    db.execute<MemberRole>(sql`${presentedRole} WHERE r.tenant_id = ${ctx.tenant.id} AND r.key = ${roleKey}`),
  );
  if (!rows[0]) throw noRole();
  return { role: presentRole(rows[0]) };
};
