import { sql } from "drizzle-orm";
import { askAcrossTenants } from "../../../db/across-tenants.ts";
import { type Node, systemCtx, transaction } from "../../../server/context.ts";
import { planOf } from "../../../server/contract/plans.ts";
import { linkTo } from "../../../server/features/mail/link.ts";
import { changeSubscription, trialEnded } from "../../../server/features/plan/change.ts";
import { trialEnding } from "../../../server/features/plan/notices.ts";
import { smallestPlan } from "../../../server/features/plan/policy.ts";
import { accessTenant } from "../../../server/features/tenant/access.ts";
import { mailAdmins } from "../../../server/features/tenant/mail-admins.ts";

type Trial = { id: string; name: string; over: boolean };

const remindDays = 3;

const listTrials = (node: Node): Promise<Trial[]> =>
  askAcrossTenants<Trial>(
    node.tenancy,
    (tenants) => sql`
      SELECT id, name, trial_ends_at <= now() AS over FROM tenants
      WHERE id = ANY(${tenants}) AND subscription_status = 'trialing' AND trial_ends_at <= now() + make_interval(days => ${remindDays})`,
  );

/** Under the lock, since a worker that died or another one may have come first, or the admin have chosen a plan. */
const settle = (node: Node, { id, name, over }: Trial): Promise<void> => {
  const ctx = systemCtx(node, { id, name });
  return transaction(ctx, async (tx) => {
    const tenant = await accessTenant(tx.db, id, { lock: true });
    if (tenant.subscriptionStatus !== "trialing" || !tenant.trialEndsAt) return;
    if (over) {
      const wanted = { plan: smallestPlan, status: "active", trialEndsAt: null } as const;
      await changeSubscription(node, tx, tenant, wanted, { by: { kind: "system" }, reason: trialEnded });
      return;
    }
    const day = tenant.trialEndsAt.toISOString().slice(0, 10);
    const { rows } = await tx.db.execute(sql`
      INSERT INTO usage_counters (tenant_id, metric, period, value) VALUES (${id}, 'trial_reminders', ${day}, 1)
      ON CONFLICT DO NOTHING RETURNING value`);
    if (rows.length === 0) return;
    const about = { workspace: tenant.name, url: linkTo(node.config, "settings/plan") };
    await mailAdmins(tx, id, trialEnding(about, planOf(tenant.plan).name, day));
  });
};

/** Ends trials whose time is up: the workspace goes on with the smallest plan, and loses nothing. Reminds of it days before. */
export const expireTrials = async (node: Node): Promise<void> => {
  for (const trial of await listTrials(node))
    await settle(node, trial).catch((error: unknown) =>
      node.log.warn({ err: error, tenantId: trial.id }, "a trial could not be settled"),
    );
};
