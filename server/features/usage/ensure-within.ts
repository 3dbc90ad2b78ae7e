import { sql } from "drizzle-orm";
import type { AnyCtx, Tx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { type LimitName, type PlanName, planOf } from "../../contract/plans.ts";
import { counted, type CountedLimit } from "./measure.ts";

/** What a limit is about, of one and of several. */
const nouns: Record<LimitName, [one: string, several: string]> = {
  agents: ["member or pending invitation", "members and pending invitations"],
  departments: ["department", "departments"],
  inboxes: ["inbox", "inboxes"],
  openConversationsPerAgent: ["open conversation per agent", "open conversations per agent"],
  conversationsPerMonth: ["new conversation per month", "new conversations per month"],
  storageMegabytes: ["megabyte of files", "megabytes of files"],
  retentionDays: ["day of history", "days of history"],
  attachmentMegabytes: ["megabyte per attachment", "megabytes per attachment"],
  analyticsDays: ["day of analytics", "days of analytics"],
};

/** So much of what a limit is about, in words: `1 inbox`. */
export const amountOf = (limit: LimitName, count: number): string => `${count} ${nouns[limit][count === 1 ? 0 : 1]}`;

/**
 * The refusal of what a plan does not allow. Members may do something about it and are told all: `details` is
 * `{ limit, current, most, plan }`. To visitors, plans and their use are no business.
 */
export const overLimit = ({ actor }: Pick<AnyCtx, "actor">, limit: LimitName, current: number, plan: PlanName) => {
  if (actor.kind === "contact") return notNow();
  const { name, limits } = planOf(plan);
  const most = limits[limit];
  const sentence = `The ${name} plan allows ${amountOf(limit, most ?? 0)}. Please choose a larger plan.`;
  return new Refusal("limit_exceeded", sentence, { limit, current, most, plan });
};

/** What a visitor is told whose conversation can't begin, whether the plan, their address or they themselves have had too many. */
export const notNow = (): Refusal =>
  new Refusal("limit_exceeded", "New conversations can't be started here at the moment. Please try again another day.");

/** The tenant's plan, whose row stays locked until the transaction ends: nobody else adds, and no plan changes meanwhile. */
const lockPlan = async (ctx: AnyCtx, tx: Tx): Promise<PlanName> => {
  const { rows } = await tx.db.execute<{ plan: PlanName }>(sql`
    SELECT plan FROM tenants WHERE id = ${ctx.tenant.id} FOR NO KEY UPDATE`);
  return rows[0]!.plan;
};

/**
 * Refuses what would pass a limit of the plan: `more` of what is counted. The tenant's row is the first lock of all, so ask
 * before anything else is locked; whoever adds asks here, and so no number of requests at once passes a limit by one.
 * `more` 0 asks whether the tenant is over already. Throws Refusal `limit_exceeded`.
 */
export const ensureWithin = async (ctx: AnyCtx, tx: Tx, limit: CountedLimit, more = 1): Promise<void> => {
  const plan = await lockPlan(ctx, tx);
  const most = planOf(plan).limits[limit];
  if (most === null) return;
  // A statement of its own: it must see what was committed while the lock was waited for.
  const { rows } = await tx.db.execute<{ current: number }>(sql`
    SELECT (${counted[limit]})::float8 AS current FROM tenants t WHERE t.id = ${ctx.tenant.id}`);
  const { current } = rows[0]!;
  if (current + more > most) throw overLimit(ctx, limit, current, plan);
};

/** Refuses a size the plan does not allow, such as an agent's capacity. Throws Refusal `limit_exceeded`. */
export const ensureSize = async (ctx: AnyCtx, tx: Tx, limit: LimitName, wanted: number): Promise<void> => {
  const plan = await lockPlan(ctx, tx);
  const most = planOf(plan).limits[limit];
  if (most !== null && wanted > most) throw overLimit(ctx, limit, wanted, plan);
};
