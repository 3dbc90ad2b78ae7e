import { type SQL, sql } from "drizzle-orm";
import type { AgentCtx, Node } from "../../context.ts";
import type { Impersonation } from "../../contract/platform-routes.ts";
import { longestImpersonationMinutes } from "../../contract/platform-routes.ts";
import { placesByDatabase } from "../../../db/tenancy.ts";

/** What Parley's own log says of an impersonation. `cursor`: the place of its beginning in the log. */
export type Recorded = Impersonation & { cursor: string };

// A minute more than the longest: what began before has ended.
const oldest = sql`now() - make_interval(mins => ${longestImpersonationMinutes + 1})`;
/** SQL over the beginning `e` of an impersonation: it may still be under way. */
export const mayRun = sql`e.created_at > ${oldest}`;

/** The impersonations of Parley's own log that fit, the latest first. The log can't be changed, so neither can this. */
export const listRecorded = async (ctx: AgentCtx, fits: SQL, limit: number): Promise<Recorded[]> => {
  const { rows } = await ctx.node.tenancy.withTenant(ctx.tenant.id, (db) =>
    db.execute<Recorded>(sql`
      SELECT e.id AS cursor, e.target_id AS id, e.after->'tenant' AS tenant, e.after->'user' AS "user",
        json_build_object('id', e.actor_id, 'name', e.actor_name) AS impersonator, e.after->>'reason' AS reason,
        (e.after->>'readOnly')::boolean AS "readOnly", e.after->>'startedAt' AS "startedAt",
        e.after->>'expiresAt' AS "expiresAt", wire_time((
          SELECT min(ended.created_at) FROM audit_events ended
          WHERE ended.tenant_id = e.tenant_id AND ended.action = 'impersonation.end' AND ended.target_id = e.target_id
            AND ended.created_at BETWEEN e.created_at AND e.created_at + make_interval(mins => ${longestImpersonationMinutes + 1})
        )) AS "endedAt"
      FROM audit_events e
      WHERE e.tenant_id = ${ctx.tenant.id} AND e.action = 'impersonation.create' AND ${fits}
      ORDER BY e.id DESC LIMIT ${limit}`),
  );
  return rows;
};

/** When the sessions behind them were revoked, by whatever: the member may have ended it too. */
const listRevoked = async (node: Node, recorded: Recorded[]): Promise<Map<string, string>> => {
  const places = recorded.map(({ id, tenant }) => ({ id, tenantId: tenant.id }));
  const revoked = new Map<string, string>();
  for (const [database, indexes] of placesByDatabase(node.tenancy, places)) {
    const asked = indexes.map((index) => places[index]!);
    const tenantIds = asked.map(({ tenantId }) => tenantId);
    const { rows } = await node.tenancy.withTenants(database, [...new Set(tenantIds)], (db) =>
      db.execute<{ id: string; at: string }>(sql`
        SELECT s.id, wire_time(s.revoked_at) AS at
        FROM unnest(${sql.param(tenantIds)}::uuid[], ${sql.param(asked.map(({ id }) => id))}::uuid[]) AS asked(tenant_id, id)
        JOIN sessions s ON s.tenant_id = asked.tenant_id AND s.id = asked.id WHERE s.revoked_at IS NOT NULL`),
    );
    for (const { id, at } of rows) revoked.set(id, at);
  }
  return revoked;
};

/** The recorded impersonations with what has become of them. */
export const withEnds = async (node: Node, recorded: Recorded[]): Promise<Impersonation[]> => {
  const revoked = recorded.length > 0 ? await listRevoked(node, recorded) : new Map<string, string>();
  const now = new Date().toISOString();
  return recorded.map(({ cursor: _cursor, ...one }) => ({
    ...one,
    endedAt: revoked.get(one.id) ?? one.endedAt ?? (one.expiresAt <= now ? one.expiresAt : null),
  }));
};
