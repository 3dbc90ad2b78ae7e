import { and, eq, isNull, sql } from "drizzle-orm";
import { sessions } from "../../../db/schema/index.ts";
import type { AgentCtx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { sessionEnded } from "../session/access.ts";
import { startSession } from "./login.ts";
import { holdProven } from "./prove.ts";
import type { RefreshToken } from "./refresh-token.ts";
import { type AuthParts, presentSignedIn, type SignedIn, type Visit } from "./session.ts";

/** Has the session that is left end with its access token. Answers whether it stood until now. */
const leave = async ({ node, tenant, actor }: AgentCtx): Promise<boolean> => {
  const { rowCount } = await node.tenancy.withTenant(tenant.id, (db) =>
    db
      .update(sessions)
      .set({
        expiresAt: sql`least(${sessions.expiresAt}, now() + make_interval(secs => ${node.config.ACCESS_TOKEN_SECONDS}))`,
      })
      .where(and(eq(sessions.tenantId, tenant.id), eq(sessions.id, actor.sessionId), isNull(sessions.revokedAt))),
  );
  return rowCount === 1;
};

/** Ends a session that nobody has been told of yet. */
const takeBack = ({ node }: AgentCtx, { tenantId, sessionId }: RefreshToken) =>
  node.tenancy.withTenant(tenantId, (db) =>
    db
      .update(sessions)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(sessions.tenantId, tenantId), eq(sessions.id, sessionId))),
  );

/**
 * Goes on in another workspace of the person's. The refresh cookie is the new session's from now on, so the session that
 * is left ends with its access token, unless somebody who kept its refresh token renews it. Throws Refusal `not_found`, and
 * `unauthenticated` where the session that is left, or all of them, ended meanwhile.
 */
export const switchTenant = async (parts: AuthParts, ctx: AgentCtx, slug: string, visit: Visit): Promise<SignedIn> => {
  const login = await ctx.node.directory.findLoginById(ctx.actor.id);
  const tenant = login?.tenants.find((one) => one.slug === slug);
  if (!login || !tenant) throw new Refusal("not_found", "You are not a member of a workspace with that name.");
  const who = { user: { id: login.userId, name: login.name, email: login.email }, tenant, tenants: login.tenants };
  const ended = () => sessionEnded("session_revoked");
  const token = await startSession(parts, who, visit, (tx) => holdProven(tx, login, ended), "auth.switch_tenant");
  // Looked at last: an end that came before the new session was written can't have reached it.
  if (!(await leave(ctx))) {
    await takeBack(ctx, token);
    throw ended();
  }
  return presentSignedIn(parts, who, token);
};
