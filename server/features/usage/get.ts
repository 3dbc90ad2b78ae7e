import { sql } from "drizzle-orm";
import type { AgentCtx } from "../../context.ts";
import type { Usage } from "../../contract/workspace-routes.ts";
import { accessTenant } from "../tenant/access.ts";
import { countsConversations, measure, thisMonth } from "./measure.ts";

const mostMonths = 12;

/** What the workspace uses of its plan, and how many conversations its last months had. */
export const getUsage = ({ node, tenant }: AgentCtx): Promise<{ usage: Usage }> =>
  node.tenancy.withTenant(tenant.id, async (db) => {
    const { plan } = await accessTenant(db, tenant.id, { lock: false });
    const { rows } = await db.execute<{ period: string; resetsAt: string; months: Usage["months"] }>(sql`
      SELECT ${thisMonth} AS period,
        wire_time((date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC') AS "resetsAt",
        coalesce((
          SELECT json_agg(json_build_object('period', period, 'conversations', value) ORDER BY period DESC) FROM (
            SELECT period, sum(value) AS value FROM usage_counters
            WHERE tenant_id = ${tenant.id} AND ${countsConversations}
            GROUP BY period ORDER BY period DESC LIMIT ${mostMonths}
          ) counters
        ), '[]') AS months`);
    return { usage: { plan, ...rows[0]!, limits: await measure(db, tenant.id, plan) } };
  });
