import { eq } from "drizzle-orm";
import { users } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../../context.ts";

/** Who the caller is, in which workspace, and what they may do there. */
export const getMe = async (ctx: AgentCtx & { tenant: { slug: string } }) => {
  const [user] = await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    db.select({ id: users.id, name: users.name, email: users.email }).from(users).where(eq(users.id, ctx.actor.id)),
  );
  return {
    user: user!,
    tenant: ctx.tenant,
    role: ctx.actor.role,
    permissions: [...ctx.actor.permissions],
  };
};
