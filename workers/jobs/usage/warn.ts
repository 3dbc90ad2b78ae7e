import { sql } from "drizzle-orm";
import { askAcrossTenants } from "../../../db/across-tenants.ts";
import { type Node, systemCtx, transaction } from "../../../server/context.ts";
import { type PlanName, planNames, planOf } from "../../../server/contract/plans.ts";
import { linkTo } from "../../../server/features/mail/link.ts";
import { conversationsUsedUp } from "../../../server/features/plan/notices.ts";
import { mailAdmins } from "../../../server/features/tenant/mail-admins.ts";
import { countsConversations, thisMonth } from "../../../server/features/usage/measure.ts";

type Use = { id: string; name: string; plan: PlanName; current: number; most: number };

/** From these shares of the limit on the admins are told, once each. */
const nearlyPercent = 80;

const limits = planNames.map((plan) => planOf(plan).limits.conversationsPerMonth);

const listNearTheLimit = (node: Node): Promise<Use[]> =>
  askAcrossTenants<Use>(
    node.tenancy,
    (tenants) => sql`
      SELECT t.id, t.name, t.plan, sum(c.value)::float8 AS current, l.most
      FROM unnest(${sql.param(planNames)}::text[], ${sql.param(limits)}::integer[]) AS l(plan, most)
      JOIN tenants t ON t.plan = l.plan
      JOIN usage_counters c ON c.tenant_id = t.id AND ${countsConversations} AND c.period = ${thisMonth}
      WHERE t.id = ANY(${tenants}) AND l.most IS NOT NULL
      GROUP BY t.id, t.name, t.plan, l.most HAVING sum(c.value) * 100 >= l.most * ${nearlyPercent}`,
  );

const warn = (node: Node, { id, name, plan, current, most }: Use): Promise<void> =>
  transaction(systemCtx(node, { id, name }), async (tx) => {
    const percent = current >= most ? 100 : nearlyPercent;
    // Written with the mail, and only ever upwards: each warning is sent once, whoever else is about to.
    const { rows } = await tx.db.execute(sql`
      INSERT INTO usage_counters (tenant_id, metric, period, value)
      VALUES (${id}, ${`conversations_warned_percent.${plan}`}, ${thisMonth}, ${percent})
      ON CONFLICT (tenant_id, metric, period) DO UPDATE SET value = excluded.value
        WHERE usage_counters.value < excluded.value
      RETURNING value`);
    if (rows.length === 0) return;
    const about = { workspace: name, url: linkTo(node.config, "settings/plan") };
    await mailAdmins(tx, id, conversationsUsedUp(about, { limit: "conversationsPerMonth", current, most }));
  });

/** Tells admins by mail when a month's conversations are nearly used up, and when they are. */
export const warnOfUsage = async (node: Node): Promise<void> => {
  for (const use of await listNearTheLimit(node))
    await warn(node, use).catch((error: unknown) =>
      node.log.warn({ err: error, tenantId: use.id }, "a warning of usage could not be written"),
    );
};
