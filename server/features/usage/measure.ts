import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../../db/client.ts";
import { type LimitName, limitNames, type PlanName, planOf } from "../../contract/plans.ts";

/** SQL: the month that is counted in, `2026-11`. It changes at midnight UTC, whatever a workspace's own zone. */
export const thisMonth = sql`to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')`;

const parts = 32;
/** Where a workspace without a limit counts its conversations: many rows, so that nobody waits for another's commit. */
export const partMetrics = Array.from({ length: parts }, (_, i) => `conversations#${i}`);
const conversationMetrics = sql.param(["conversations", ...partMetrics]);

/** SQL over a row of `usage_counters`: whether it counts conversations. A month's number is the sum of all that do. */
export const countsConversations = sql`metric = ANY(${conversationMetrics}::text[])`;

const sumOf = (fits: SQL, period: SQL) => sql`
  coalesce((SELECT sum(value) FROM usage_counters WHERE tenant_id = t.id AND ${fits} AND period = ${period}), 0)`;

/**
 * SQL over a tenant `t`: how much of each limit is used. An invitation keeps a seat until it is accepted, revoked or has
 * expired. What is missing here is a size and not a sum: there is nothing to count.
 */
export const counted = {
  agents: sql`
    (SELECT count(*) FROM memberships WHERE tenant_id = t.id AND status = 'active') +
    (SELECT count(*) FROM invitations
      WHERE tenant_id = t.id AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > now())`,
  departments: sql`(SELECT count(*) FROM departments WHERE tenant_id = t.id AND archived_at IS NULL)`,
  // An inbox that is archived has lost its key and takes nothing.
  inboxes: sql`(SELECT count(*) FROM inbox_keys WHERE tenant_id = t.id)`,
  conversationsPerMonth: sumOf(countsConversations, thisMonth),
  storageMegabytes: sql`ceil(${sumOf(sql`metric = 'storage_bytes'`, sql`'ever'`)} / 1048576.0)`,
} satisfies Partial<Record<LimitName, SQL>>;

export type CountedLimit = keyof typeof counted;
export const countedLimits = limitNames.filter((name): name is CountedLimit => name in counted);

export type Measured = { limit: CountedLimit; current: number; most: number | null };

/** How much of everything that is counted a tenant uses, beside what `plan` allows. */
export const measure = async (db: Db, tenantId: string, plan: PlanName): Promise<Measured[]> => {
  const columns = countedLimits.map((limit) => sql`(${counted[limit]})::float8 AS ${sql.identifier(limit)}`);
  const { rows } = await db.execute<Record<CountedLimit, number>>(sql`
    SELECT ${sql.join(columns, sql`, `)} FROM tenants t WHERE t.id = ${tenantId}`);
  const { limits } = planOf(plan);
  return countedLimits.map((limit) => ({ limit, current: rows[0]?.[limit] ?? 0, most: limits[limit] }));
};

/** What a plan would not allow, had it to be made today. */
export const overOf = (measured: Measured[]): Measured[] =>
  measured.filter(({ current, most }) => most !== null && current > most);
