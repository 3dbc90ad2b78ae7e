import { sql } from "drizzle-orm";
import type { AnyCtx, Tx } from "../../context.ts";
import { type PlanName, planNames, planOf } from "../../contract/plans.ts";
import { overLimit } from "./ensure-within.ts";
import { partMetrics, thisMonth } from "./measure.ts";

const limited = planNames.filter((plan) => planOf(plan).limits.conversationsPerMonth !== null);

/**
 * Counts a new conversation of this month, in the transaction that makes it, as its last statement. Where the plan has a limit
 * all count in one row, which those at once wait for: so the number is exact and the limit holds. Where it has none each takes
 * one of many rows. Only what is new is ever refused: messages and reopening ask nobody.
 * Throws Refusal `limit_exceeded`, which undoes the count too.
 */
export const countConversation = async (ctx: AnyCtx, tx: Tx): Promise<void> => {
  const part = partMetrics[Math.floor(Math.random() * partMetrics.length)]!;
  const { rows } = await tx.db.execute<{ value: number; plan: PlanName }>(sql`
    WITH tenant AS MATERIALIZED (
      SELECT plan, plan = ANY(${sql.param(limited)}::text[]) AS limited
      FROM tenants WHERE id = ${ctx.tenant.id}
    ), counted AS (
      INSERT INTO usage_counters (tenant_id, metric, period, value)
      SELECT ${ctx.tenant.id}::uuid, CASE WHEN limited THEN 'conversations' ELSE ${part} END, ${thisMonth}, 1
      FROM tenant
      ON CONFLICT (tenant_id, metric, period) DO UPDATE SET value = usage_counters.value + 1
      RETURNING value
    )
    SELECT plan, (counted.value + coalesce((
      SELECT sum(value) FROM usage_counters
      WHERE tenant_id = ${ctx.tenant.id} AND metric = ANY(${sql.param(partMetrics)}::text[]) AND period = ${thisMonth}
    ), 0))::float8 AS value FROM counted, tenant`);
  const { value, plan } = rows[0]!;
  const most = planOf(plan).limits.conversationsPerMonth;
  if (most !== null && value > most) throw overLimit(ctx, "conversationsPerMonth", value - 1, plan);
};
