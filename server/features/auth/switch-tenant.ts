import { and, eq, sql } from "drizzle-orm";
import { sessions } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { startSession } from "./login.ts";
import { type AuthParts, presentSignedIn, type SignedIn, type Visit } from "./session.ts";

/**
 * Goes on in another workspace of the person's. The refresh cookie is the new session's from now on, so the session that
 * is left ends with its access token, unless somebody who kept its refresh token renews it. Throws Refusal `not_found`.
 */
export const switchTenant = async (parts: AuthParts, ctx: AgentCtx, slug: string, visit: Visit): Promise<SignedIn> => {
  const login = await ctx.node.directory.findLoginById(ctx.actor.id);
  const tenant = login?.tenants.find((one) => one.slug === slug);
  if (!login || !tenant) throw new Refusal("not_found", "You belong to no workspace of that name.");
  const who = { user: { id: login.userId, name: login.name, email: login.email }, tenant, tenants: login.tenants };
  const token = await startSession(parts, who, visit, "auth.switch_tenant");
  await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    db
      .update(sessions)
      .set({
        expiresAt: sql`least(${sessions.expiresAt}, now() + make_interval(secs => ${ctx.node.config.ACCESS_TOKEN_SECONDS}))`,
      })
      .where(and(eq(sessions.tenantId, ctx.tenant.id), eq(sessions.id, ctx.actor.sessionId))),
  );
  return presentSignedIn(parts, who, token);
};
