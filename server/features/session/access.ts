import { sql } from "drizzle-orm";
import { placesByDatabase } from "../../../db/tenancy.ts";
import type { AgentActor } from "../../context.ts";
import type { Availability } from "../../contract/entities.ts";
import { Refusal } from "../../contract/errors.ts";
import { builtInRoles, type Role } from "../../contract/permissions.ts";
import type { Deps } from "../../deps.ts";
import type { AccessClaims } from "../../tokens.ts";

/** An agent at work: who they are, where they belong and whom they work with. */
export type AgentSession = {
  tenant: { id: string; name: string; slug: string };
  actor: AgentActor;
  availability: Availability;
  /** The departments the agent belongs to. */
  departments: { id: string; name: string }[];
  /** Active members of the tenant, the agent among them; the first 500 by name. */
  colleagues: { id: string; name: string; availability: Availability }[];
};

export type EndReason = "session_revoked" | "deactivated" | "tenant_suspended";

const sentences: Record<EndReason, string> = {
  session_revoked: "The session has ended. Please sign in again.",
  deactivated: "This login no longer belongs to the workspace.",
  tenant_suspended: "The workspace is suspended.",
};

/** The refusal of a session that no longer stands. */
export const sessionEnded = (reason: EndReason): Refusal =>
  new Refusal("unauthenticated", sentences[reason], { reason });

/** SQL over a session `s` (or none), its membership `m` and its tenant `t`: why it no longer stands, or null. */
export const endReason = sql`
  CASE WHEN s.id IS NULL OR s.revoked_at IS NOT NULL OR s.expires_at <= now() THEN 'session_revoked'
    WHEN m.status <> 'active' THEN 'deactivated'
    WHEN t.status <> 'active' THEN 'tenant_suspended' END`;

const mostColleagues = 500;

type Row = { reason: EndReason | null; tenant: AgentSession["tenant"]; name: string; role: Role };

// The one question of both entrances; a socket asks for more in the same breath.
const sessionOf = (claims: AccessClaims, more = sql``) => sql`
  SELECT ${endReason} AS reason, u.name, m.role, json_build_object('id', t.id, 'name', t.name, 'slug', t.slug) AS tenant ${more}
  FROM sessions s
  JOIN tenants t ON t.id = s.tenant_id
  JOIN memberships m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id
  JOIN users u ON u.id = s.user_id
  WHERE s.tenant_id = ${claims.tid} AND s.id = ${claims.sid} AND s.user_id = ${claims.sub}`;

const surroundings = sql`, m.availability,
  coalesce((
    SELECT json_agg(json_build_object('id', d.id, 'name', d.name) ORDER BY d.name, d.id)
    FROM department_members dm JOIN departments d ON d.tenant_id = dm.tenant_id AND d.id = dm.department_id
    WHERE dm.tenant_id = s.tenant_id AND dm.user_id = s.user_id
  ), '[]') AS departments,
  coalesce((
    SELECT json_agg(json_build_object('id', id, 'name', name, 'availability', availability) ORDER BY name, id) FROM (
      SELECT cu.id, cu.name, cm.availability
      FROM memberships cm JOIN users cu ON cu.id = cm.user_id
      WHERE cm.tenant_id = s.tenant_id AND cm.status = 'active'
      ORDER BY cu.name, cu.id LIMIT ${mostColleagues}
    ) members
  ), '[]') AS colleagues`;

const agentOf = <R extends Row>(claims: AccessClaims, rows: R[]) => {
  const [row] = rows;
  if (!row) throw sessionEnded("session_revoked");
  const { reason, name, role, ...rest } = row;
  if (reason) throw sessionEnded(reason);
  const permissions: AgentActor["permissions"] = new Set(builtInRoles[role]);
  const actor: AgentActor = { kind: "agent", id: claims.sub, name, role, permissions, sessionId: claims.sid };
  return { ...rest, actor };
};

/**
 * The live session an access token names, in one query. Throws Refusal("unauthenticated") with `details.reason` when it no
 * longer stands. Role and permissions are those of this moment, whatever the token was issued for.
 */
export const accessSession = async (deps: Pick<Deps, "tenancy">, claims: AccessClaims): Promise<AgentSession> => {
  const { rows } = await deps.tenancy.withTenant(claims.tid, (db) =>
    db.execute<Row & Omit<AgentSession, "actor">>(sessionOf(claims, surroundings)),
  );
  return agentOf(claims, rows);
};

/** As `accessSession`, but only who it is and where: for a request that is over in a moment. */
export const accessAgent = async (
  deps: Pick<Deps, "tenancy">,
  claims: AccessClaims,
): Promise<Pick<AgentSession, "tenant" | "actor">> => {
  const { rows } = await deps.tenancy.withTenant(claims.tid, (db) => db.execute<Row>(sessionOf(claims)));
  return agentOf(claims, rows);
};

type SessionPlace = { tenantId: string; sessionId: string };

/**
 * Which of these sessions no longer stand, and why: one query per database, so that a node may ask for all its live
 * sockets every few seconds.
 */
export const listEndedSessions = async (
  deps: Pick<Deps, "tenancy">,
  sessions: SessionPlace[],
): Promise<(SessionPlace & { reason: EndReason })[]> => {
  const ended: (SessionPlace & { reason: EndReason })[] = [];
  for (const [database, places] of placesByDatabase(deps.tenancy, sessions)) {
    const asked = places.map((place) => sessions[place]!);
    const tenantIds = asked.map(({ tenantId }) => tenantId);
    const { rows } = await deps.tenancy.withTenants(database, [...new Set(tenantIds)], (db) =>
      db.execute<{ n: number; reason: EndReason }>(sql`
        SELECT n, reason FROM (
          SELECT asked.n::integer - 1 AS n, ${endReason} AS reason
          FROM unnest(${sql.param(tenantIds)}::uuid[], ${sql.param(asked.map(({ sessionId }) => sessionId))}::uuid[])
            WITH ORDINALITY AS asked(tenant_id, session_id, n)
          LEFT JOIN sessions s ON s.tenant_id = asked.tenant_id AND s.id = asked.session_id
          LEFT JOIN memberships m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id
          LEFT JOIN tenants t ON t.id = s.tenant_id
        ) judged WHERE reason IS NOT NULL`),
    );
    for (const { n, reason } of rows) ended.push({ ...asked[n]!, reason });
  }
  return ended;
};
