import { expect, test } from "vitest";
import { handlers } from "../../../workers/handlers.ts";
import { call, mailsTo } from "../../rest/platform/support.ts";
import { auditOf, tokenFor } from "../../rest/requests.ts";
import { useApp } from "../../support/app.ts";
import type { TenantOptions } from "../../support/tenant.ts";

const app = useApp();
const expire = () => handlers["subscription.expire"](app().app.node);

const onTrial = async (ends: string, options: TenantOptions = {}) => {
  const tenant = await app().tenant({ roles: ["tenant_admin"], plan: "pro", ...options });
  await app().superuser.query(
    "UPDATE tenants SET subscription_status = 'trialing', trial_ends_at = now() + $2::interval WHERE id = $1",
    [tenant.id, ends],
  );
  const token = await tokenFor(app(), tenant);
  const subscription = async () => (await call(app(), "plan/get", { token })).subscription;
  return { tenant, admin: tenant.agents[0]!, token, subscription };
};

test("a trial whose time is up goes on with the smallest plan, once, however many workers see to it", async () => {
  const trial = await onTrial("-1 second", { roles: ["tenant_admin", "agent", "agent", "agent"] });
  await Promise.all([expire(), expire()]);
  await expire();
  expect(await trial.subscription()).toEqual({
    plan: "basic",
    status: "active",
    trialEndsAt: null,
    over: [{ limit: "agents", current: 4, most: 3 }],
  });
  const { data } = await call(app(), "subscription-event/list", { token: trial.token });
  expect(data).toMatchObject([
    {
      plan: "basic",
      previousPlan: "pro",
      previousStatus: "trialing",
      by: { kind: "system", id: null },
      reason: "trial_ended",
    },
  ]);
  expect(await auditOf(app(), trial.tenant)).toMatchObject([{ action: "plan.update", actor_kind: "system" }]);
  const mails = await mailsTo(app(), trial.admin.email);
  expect(mails.map(({ subject }) => subject)).toEqual([`The trial of ${trial.tenant.name} has ended`]);
  expect(mails[0].text).toContain("4 members and pending invitations, where the plan allows 3");
});

test("a trial that still runs, and a plan that was chosen, stay", async () => {
  const [running, chosen] = [await onTrial("10 days"), await onTrial("-1 second")];
  await call(app(), "plan/update", { token: chosen.token, body: { plan: "enterprise" } });
  await expire();
  expect(await running.subscription()).toMatchObject({ plan: "pro", status: "trialing" });
  expect(await chosen.subscription()).toMatchObject({ plan: "enterprise", status: "active" });
  expect(await mailsTo(app(), running.admin.email)).toEqual([]);
});

test("admins are reminded once of a trial that ends within days", async () => {
  const trial = await onTrial("2 days");
  await Promise.all([expire(), expire()]);
  await expire();
  const mails = await mailsTo(app(), trial.admin.email);
  expect(mails.map(({ kind }) => kind)).toEqual(["trial_ending"]);
  expect(await trial.subscription()).toMatchObject({ status: "trialing" });
});
