import { sql } from "drizzle-orm";
import { listOf } from "../../../db/across-tenants.ts";
import { type AgentCtx, transaction } from "../../context.ts";
import type { Session } from "../../contract/auth-routes.ts";
import { Refusal } from "../../contract/errors.ts";
import { endImpersonationsOf } from "../impersonation/end.ts";
import { changeLogin } from "./change-login.ts";
import { placesOf } from "./places.ts";

const defaultLimit = 50;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

type Page = { cursor?: string | undefined; limit?: number | undefined };

/** The caller's sessions in all their workspaces that still stand, newest first; the cursor is the last one's id. */
export const listSessions = async (ctx: AgentCtx, { cursor, limit = defaultLimit }: Page) => {
  if (cursor !== undefined && !uuid.test(cursor))
    throw new Refusal("invalid_payload", "query.cursor: is not one of ours");
  const found: Session[] = [];
  for (const [database, tenantIds] of await placesOf(ctx.node, ctx.actor.id)) {
    const { rows } = await ctx.node.tenancy.withTenants(database, tenantIds, (db) =>
      db.execute<{ session: Session }>(sql`
        SELECT json_strip_nulls(json_build_object(
            'id', s.id, 'tenant', json_build_object('id', t.id, 'name', t.name, 'slug', t.slug),
            'createdAt', wire_time(s.created_at), 'lastUsedAt', wire_time(s.last_used_at),
            'expiresAt', wire_time(s.expires_at), 'current', s.id = ${ctx.actor.sessionId},
            'impersonator', CASE WHEN s.impersonator_id IS NOT NULL
              THEN json_build_object('name', coalesce(s.impersonator_name, ''), 'readOnly', s.read_only) END
          ))::jsonb || jsonb_build_object('device', s.device, 'address', s.address) AS session
        FROM sessions s
        JOIN tenants t ON t.id = s.tenant_id
        JOIN memberships m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id
        WHERE s.tenant_id = ANY(${listOf(tenantIds)}) AND s.user_id = ${ctx.actor.id} AND s.revoked_at IS NULL AND s.expires_at > now()
          AND m.status = 'active' AND t.status = 'active' AND (${cursor ?? null}::uuid IS NULL OR s.id < ${cursor ?? null}::uuid)
        ORDER BY s.id DESC LIMIT ${limit + 1}`),
    );
    found.push(...rows.map(({ session }) => session));
  }
  const data = found.toSorted((one, other) => (one.id < other.id ? 1 : -1)).slice(0, limit);
  return { data, nextCursor: found.length > limit ? data.at(-1)!.id : null };
};

/** Ends one of the caller's sessions, with its live sockets, in whichever workspace it is. Throws Refusal `not_found`. */
export const revokeSession = async (ctx: AgentCtx, sessionId: string): Promise<void> => {
  for (const [database, tenantIds] of await placesOf(ctx.node, ctx.actor.id)) {
    const { rows } = await ctx.node.tenancy.withTenants(database, tenantIds, (db) =>
      db.execute<{ id: string; name: string }>(sql`
        SELECT t.id, t.name FROM sessions s JOIN tenants t ON t.id = s.tenant_id
        WHERE s.tenant_id = ANY(${listOf(tenantIds)}) AND s.id = ${sessionId} AND s.user_id = ${ctx.actor.id} AND s.revoked_at IS NULL AND s.expires_at > now()`),
    );
    const [tenant] = rows;
    if (!tenant) continue;
    await transaction({ ...ctx, tenant }, async (tx) => {
      await tx.db.execute(sql`
        UPDATE sessions SET revoked_at = now() WHERE tenant_id = ${tenant.id} AND id = ${sessionId} AND revoked_at IS NULL`);
      await tx.audit("session.revoke", sessionId);
      tx.afterCommit(() => ctx.node.publish.endSession(tenant.id, sessionId, "session_revoked"));
    });
    return endImpersonationsOf({ ...ctx, tenant }, ctx.actor.id, sessionId);
  }
  throw new Refusal("not_found", "There is no such session.");
};

/** Ends every session of the caller's login but the one that asks, in all workspaces. */
export const revokeOtherSessions = async (ctx: AgentCtx): Promise<{ ended: number }> => ({
  ended: await changeLogin(
    { ...ctx, user: ctx.actor },
    { action: "session.revoke_others", end: { allBut: ctx.actor.sessionId } },
  ),
});

/** Ends every session of the caller's login, in all workspaces, the one that asks too. */
export const logOutEverywhere = async (ctx: AgentCtx): Promise<void> =>
  void (await changeLogin({ ...ctx, user: ctx.actor }, { action: "auth.logout_everywhere", end: "all" }));
