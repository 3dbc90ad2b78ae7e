import { and, eq, isNull, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { sessions } from "../../../db/schema/index.ts";
import { transaction } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { endImpersonationsOf } from "../impersonation/end.ts";
import { type EndReason, endReason, sessionEnded } from "../session/access.ts";
import { hashOf, type RefreshToken } from "./refresh-token.ts";
import {
  actingAs,
  type AuthParts,
  type Identity,
  mayOpen,
  presentSignedIn,
  sessionDays,
  type SignedIn,
  type Visit,
} from "./session.ts";

/** How long the token just before the standing one is still answered: two tabs, or an answer that got lost. */
const graceSeconds = 10;

type Owner = Pick<Identity, "user" | "tenant">;
type Found = Owner & { reason: EndReason | null };

const owner = sql`${endReason} AS reason,
  json_build_object('id', u.id, 'name', u.name, 'email', u.email) AS "user",
  json_build_object('id', t.id, 'name', t.name, 'slug', t.slug) AS tenant`;
const ownerTables = sql`memberships m JOIN users u ON u.id = m.user_id JOIN tenants t ON t.id = m.tenant_id`;
const ownerOf = ({ tenantId, sessionId }: RefreshToken) =>
  sql`s.tenant_id = ${tenantId} AND s.id = ${sessionId} AND m.tenant_id = s.tenant_id AND m.user_id = s.user_id`;

/** Spends the token: of any number of requests at once one finds its hash still standing. */
const rotate = async (db: Db, token: RefreshToken, next: RefreshToken, visit: Visit): Promise<Found | undefined> => {
  const { rows } = await db.execute<Found>(sql`
    UPDATE sessions s SET refresh_hash = ${hashOf(next)}, previous_hash = s.refresh_hash, rotated_at = now(),
      last_used_at = now(), device = ${visit.device ?? null}, address = ${visit.address},
      expires_at = now() + make_interval(days => ${sessionDays})
    FROM ${ownerTables}
    WHERE ${ownerOf(token)} AND s.refresh_hash = ${hashOf(token)} AND s.revoked_at IS NULL AND s.expires_at > now()
    RETURNING ${owner}`);
  return rows[0];
};

type Spent = Found & { standing: string; isPredecessor: boolean };

const findSpent = async (db: Db, token: RefreshToken): Promise<Spent | undefined> => {
  const { rows } = await db.execute<Spent>(sql`
    SELECT ${owner}, s.refresh_hash AS standing,
      s.previous_hash = ${hashOf(token)} AND s.rotated_at > now() - make_interval(secs => ${graceSeconds}) AS "isPredecessor"
    FROM sessions s, ${ownerTables} WHERE ${ownerOf(token)}`);
  return rows[0];
};

/** Ends a session whose spent token came back: either its owner or whoever shows it has a stolen one. */
const revoke = async (parts: AuthParts, { user, tenant }: Owner, { sessionId }: RefreshToken, visit: Visit) => {
  const ctx = actingAs(parts, visit, tenant, user, sessionId);
  await transaction(ctx, async (tx) => {
    await tx.db
      .update(sessions)
      .set({ revokedAt: sql`now()` })
      .where(and(eq(sessions.tenantId, tenant.id), eq(sessions.id, sessionId), isNull(sessions.revokedAt)));
    await tx.audit("session.revoke", sessionId, { after: { reason: "refresh_token_reused" } });
    tx.afterCommit(() => ctx.node.publish.endSession(tenant.id, sessionId, "session_revoked"));
  });
  await endImpersonationsOf(ctx, user.id, sessionId);
  visit.log.warn({ sessionId }, "a spent refresh token came back; its session is revoked");
};

/**
 * Trades a refresh token for its successor and an access token; the session lives on for another 30 days. A token is spent
 * at its first use. Asked again within ten seconds it gives the same successor; later, it revokes the session.
 * Throws Refusal("unauthenticated") with `details.reason`.
 */
export const refreshSession = async (parts: AuthParts, text: string | undefined, visit: Visit): Promise<SignedIn> => {
  const { node, refreshTokens } = parts;
  if (text === undefined) throw new Refusal("unauthenticated", "Please sign in.", { reason: "missing" });
  const token = refreshTokens.parse(text);
  if (!token) throw new Refusal("unauthenticated", "Please sign in again.", { reason: "invalid" });
  if (!mayOpen(visit, { id: token.tenantId }))
    throw new Refusal("unauthenticated", "Please sign in to this workspace.", { reason: "other_workspace" });
  const successors = refreshTokens.successors(token);

  const { found, spent } = await node.tenancy.withTenant(token.tenantId, async (db) => {
    const renewed = await rotate(db, token, successors[0], visit);
    const alreadySpent = renewed ? undefined : await findSpent(db, token);
    const either = renewed ?? alreadySpent;
    if (!either) throw sessionEnded("session_revoked");
    // Thrown inside, so that what has ended is not renewed.
    if (either.reason) throw sessionEnded(either.reason);
    return { found: either, spent: alreadySpent };
  });
  const standing = spent
    ? successors.find((one) => spent.isPredecessor && hashOf(one) === spent.standing)
    : successors[0];
  if (!standing) {
    await revoke(parts, found, token, visit);
    throw sessionEnded("session_revoked");
  }
  // The token is spent by now: better a short list than no answer.
  const login = await node.directory.findLogin(found.user.email).catch(() => undefined);
  const tenants = login?.tenants ?? [found.tenant];
  return presentSignedIn(parts, { user: found.user, tenant: found.tenant, tenants }, standing);
};
