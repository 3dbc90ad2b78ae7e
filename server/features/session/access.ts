import { sql } from "drizzle-orm";
import { askPortions, inPortions } from "../../../db/across-tenants.ts";
import { type Database, placesByDatabase } from "../../../db/tenancy.ts";
import type { AgentActor } from "../../context.ts";
import type { Availability } from "../../contract/entities.ts";
import { Refusal } from "../../contract/errors.ts";
import { permissionsOf } from "../../contract/permissions.ts";
import type { PlanName } from "../../contract/plans.ts";
import type { Deps } from "../../deps.ts";
import type { AccessClaims } from "../../tokens.ts";

/** An agent at work: who they are and where they belong. */
export type AgentSession = {
  tenant: { id: string; name: string; slug: string; plan: PlanName };
  actor: AgentActor;
  /** Changes with everything that decides what the agent may see and do. */
  accessVersion: string;
  /** The session with Parley by which one of its staff acts as the agent: this one ends with it. */
  behind?: LiveSession;
  availability: Availability;
  /** The departments the agent belongs to. */
  departments: { id: string; name: string }[];
};

type LiveSession = { tenantId: string; sessionId: string; accessVersion: string };

export type EndReason = "session_revoked" | "deactivated" | "tenant_suspended" | "impersonation_ended";

const sentences: Record<EndReason, string> = {
  session_revoked: "The session has ended. Please sign in again.",
  deactivated: "This login no longer belongs to the workspace.",
  tenant_suspended: "The workspace is suspended.",
  impersonation_ended: "Acting as a member of this workspace has ended.",
};

/** The refusal of a session that no longer stands. */
export const sessionEnded = (reason: EndReason): Refusal =>
  new Refusal("unauthenticated", sentences[reason], { reason });

/** SQL over a session `s` (or none), its membership `m` and its tenant `t`: why it no longer stands, or null. */
export const endReason = sql`
  CASE WHEN s.id IS NULL OR s.revoked_at IS NOT NULL OR s.expires_at <= now() THEN 'session_revoked'
    WHEN m.status <> 'active' THEN 'deactivated'
    WHEN t.status <> 'active' THEN 'tenant_suspended' END`;

type Row = {
  reason: EndReason | null;
  tenant: AgentSession["tenant"];
  name: string;
  role: { key: string; builtIn: boolean; permissions: string[] };
  accessVersion: string;
  impersonator: { id: string; name: string | null; tenantId: string | null; sessionId: string | null } | null;
  readOnly: boolean;
};

/** SQL over a membership `m` and its tenant `t`: what a live socket compares to know that it is outdated. */
export const accessVersion = sql`m.access_version || '.' || t.plan`;

type Place = Omit<AccessClaims, "exp">;

// The one question of both entrances; a socket asks for more in the same breath.
const sessionOf = (claims: Place, more = sql``) => sql`
  SELECT ${endReason} AS reason, u.name, ${accessVersion} AS "accessVersion",
    json_build_object('key', r.key, 'builtIn', r.built_in, 'permissions', r.permissions) AS role,
    json_build_object('id', t.id, 'name', t.name, 'slug', t.slug, 'plan', t.plan) AS tenant,
    CASE WHEN s.impersonator_id IS NOT NULL THEN json_build_object('id', s.impersonator_id, 'name', s.impersonator_name,
      'tenantId', s.impersonator_tenant_id, 'sessionId', s.impersonator_session_id) END AS impersonator,
    s.read_only AS "readOnly" ${more}
  FROM sessions s
  JOIN tenants t ON t.id = s.tenant_id
  JOIN memberships m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id
  JOIN roles r ON r.tenant_id = m.tenant_id AND r.key = m.role
  JOIN users u ON u.id = s.user_id
  WHERE s.tenant_id = ${claims.tid} AND s.id = ${claims.sid} AND s.user_id = ${claims.sub}`;

const surroundings = sql`, m.availability,
  coalesce((
    SELECT json_agg(json_build_object('id', d.id, 'name', d.name) ORDER BY d.name, d.id)
    FROM department_members dm JOIN departments d ON d.tenant_id = dm.tenant_id AND d.id = dm.department_id
    WHERE dm.tenant_id = s.tenant_id AND dm.user_id = s.user_id
  ), '[]') AS departments`;

/**
 * The session by which one of Parley's staff began to act as a member. It must stand, and their role must still include
 * acting as others. Throws Refusal.
 */
const standBehind = async (
  deps: Pick<Deps, "tenancy">,
  { id: sub, tenantId: tid, sessionId: sid }: NonNullable<Row["impersonator"]>,
): Promise<LiveSession> => {
  if (tid === null || sid === null) throw sessionEnded("impersonation_ended");
  const { rows } = await deps.tenancy.withTenant(tid, (db) => db.execute<Row>(sessionOf({ sub, tid, sid })));
  const [own] = rows;
  if (!own || own.reason || !permissionsOf(own.role).includes("platform.impersonate"))
    throw sessionEnded("impersonation_ended");
  return { tenantId: tid, sessionId: sid, accessVersion: own.accessVersion };
};

const agentOf = async <R extends Row>(deps: Pick<Deps, "tenancy">, claims: Place, rows: R[]) => {
  const [row] = rows;
  if (!row) throw sessionEnded("session_revoked");
  const { reason, name, role, impersonator, readOnly, ...rest } = row;
  if (reason) throw sessionEnded(reason);
  const behind = impersonator && (await standBehind(deps, impersonator));
  const actor: AgentActor = {
    kind: "agent",
    id: claims.sub,
    name,
    role: role.key,
    permissions: new Set(permissionsOf(role)),
    sessionId: claims.sid,
    ...(impersonator && { via: { kind: "platform", id: impersonator.id, name: impersonator.name ?? "" }, readOnly }),
  };
  return { ...rest, actor, ...(behind && { behind }) };
};

/**
 * The live session an access token names, in one query. Throws Refusal("unauthenticated") with `details.reason` when it no
 * longer stands. Role and permissions are those of this moment, whatever the token was issued for.
 */
export const accessSession = async (deps: Pick<Deps, "tenancy">, claims: AccessClaims): Promise<AgentSession> => {
  const { rows } = await deps.tenancy.withTenant(claims.tid, (db) =>
    db.execute<Row & Omit<AgentSession, "actor" | "behind">>(sessionOf(claims, surroundings)),
  );
  return agentOf(deps, claims, rows);
};

/** As `accessSession`, but only who it is and where: for a request that is over in a moment. */
export const accessAgent = async (
  deps: Pick<Deps, "tenancy">,
  claims: AccessClaims,
): Promise<Pick<AgentSession, "tenant" | "actor" | "accessVersion">> => {
  const { rows } = await deps.tenancy.withTenant(claims.tid, (db) => db.execute<Row>(sessionOf(claims)));
  return agentOf(deps, claims, rows);
};

/** Why a live session must end; `access_changed`: it stands, but its sockets must come back with other rights. */
export type OutdatedReason = EndReason | "access_changed";

type Outdated = LiveSession & { reason: OutdatedReason };

/** The same of sessions in one database, whose tenants are one portion. */
const judge = async (
  { tenancy }: Pick<Deps, "tenancy">,
  database: Database,
  asked: LiveSession[],
): Promise<Outdated[]> => {
  const tenantIds = asked.map(({ tenantId }) => tenantId);
  const { rows } = await tenancy.withTenants(database, [...new Set(tenantIds)], (db) =>
    db.execute<{ n: number; reason: OutdatedReason }>(sql`
      SELECT n, reason FROM (
        SELECT asked.n::integer - 1 AS n,
          coalesce(${endReason}, CASE WHEN ${accessVersion} <> asked.access_version THEN 'access_changed' END) AS reason
        FROM unnest(
          ${sql.param(tenantIds)}::uuid[], ${sql.param(asked.map(({ sessionId }) => sessionId))}::uuid[],
          ${sql.param(asked.map((session) => session.accessVersion))}::text[]
        ) WITH ORDINALITY AS asked(tenant_id, session_id, access_version, n)
        LEFT JOIN sessions s ON s.tenant_id = asked.tenant_id AND s.id = asked.session_id
        LEFT JOIN memberships m ON m.tenant_id = s.tenant_id AND m.user_id = s.user_id
        LEFT JOIN tenants t ON t.id = s.tenant_id
      ) judged WHERE reason IS NOT NULL`),
  );
  return rows.map(({ n, reason }) => ({ ...asked[n]!, reason }));
};

/**
 * Which of these sessions no longer stand or know outdated rights, and why: a few queries, so that a node may ask for all
 * its live sockets every few seconds.
 */
export const listOutdatedSessions = async (
  deps: Pick<Deps, "tenancy">,
  sessions: LiveSession[],
): Promise<Outdated[]> => {
  const outdated: Outdated[] = [];
  for (const [database, places] of placesByDatabase(deps.tenancy, sessions)) {
    const there = places.map((place) => sessions[place]!);
    for (const portion of inPortions([...new Set(there.map(({ tenantId }) => tenantId))])) {
      const named = new Set(portion);
      outdated.push(
        ...(await judge(
          deps,
          database,
          there.filter(({ tenantId }) => named.has(tenantId)),
        )),
      );
    }
  }
  return outdated;
};

/** Which of these tenants are suspended. */
export const listSuspended = async (deps: Pick<Deps, "tenancy">, tenantIds: string[]): Promise<string[]> => {
  const suspended: string[] = [];
  const asked = tenantIds.map((tenantId) => ({ tenantId }));
  for (const [database, places] of placesByDatabase(deps.tenancy, asked)) {
    const ids = places.map((place) => tenantIds[place]!);
    const rows = await askPortions<{ id: string }>(
      deps.tenancy,
      database,
      ids,
      (named) => sql`SELECT id FROM tenants WHERE id = ANY(${named}) AND status <> 'active'`,
    );
    suspended.push(...rows.map(({ id }) => id));
  }
  return suspended;
};
