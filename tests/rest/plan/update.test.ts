import { describe, expect, test } from "vitest";
import type { TenantOptions } from "../../support/tenant.ts";
import { addAgent } from "../../support/tenant.ts";
import { useApp } from "../../support/app.ts";
import { auditOf, refusalOf, tokenFor } from "../requests.ts";
import { call, mailsTo, request } from "../platform/support.ts";
import { hear } from "../../socket/support/hear.ts";

const app = useApp();

const workspace = async (options: TenantOptions = {}) => {
  const tenant = await app().tenant({ roles: ["tenant_admin"], ...options });
  return { tenant, admin: tenant.agents[0]!, token: await tokenFor(app(), tenant) };
};

const choose = (token: string, plan: string) => call(app(), "plan/update", { token, body: { plan } });

test("an admin chooses a plan; the subscription, its history, the audit log and a mail say so", async () => {
  const { tenant, admin, token } = await workspace({ plan: "basic" });
  const { subscription } = await choose(token, "pro");
  expect(subscription).toEqual({ plan: "pro", status: "active", trialEndsAt: null, over: [] });
  expect(await call(app(), "plan/get", { token })).toEqual({ subscription });
  const { data } = await call(app(), "subscription-event/list", { token });
  expect(data).toMatchObject([
    {
      plan: "pro",
      status: "active",
      previousPlan: "basic",
      previousStatus: "active",
      by: { kind: "agent", id: admin.id },
    },
  ]);
  expect(await auditOf(app(), tenant)).toMatchObject([
    { action: "plan.update", actor_id: admin.id, before: { plan: "basic" }, after: { plan: "pro" } },
  ]);
  expect((await mailsTo(app(), admin.email)).map(({ text }) => text).join()).toContain("on the Pro plan now");
});

test("choosing the plan one has changes nothing and tells nobody", async () => {
  const { tenant, admin, token } = await workspace({ plan: "pro" });
  await choose(token, "pro");
  expect((await call(app(), "subscription-event/list", { token })).data).toEqual([]);
  expect(await auditOf(app(), tenant)).toEqual([]);
  expect(await mailsTo(app(), admin.email)).toEqual([]);
});

test("a plan smaller than what is used takes nothing away, says what is over, tells every admin, and blocks only what is new", async () => {
  const { tenant, token } = await workspace({ roles: ["tenant_admin", "tenant_admin", "agent", "agent", "agent"] });
  const { subscription } = await choose(token, "basic");
  expect(subscription.over).toEqual([{ limit: "agents", current: 5, most: 3 }]);
  const { rows } = await app().superuser.query(
    "SELECT count(*)::int AS active FROM memberships WHERE tenant_id = $1 AND status = 'active'",
    [tenant.id],
  );
  expect(rows[0].active).toBe(5);
  for (const { email } of tenant.agents.slice(0, 2)) {
    const [mail] = await mailsTo(app(), email);
    expect(mail.text).toContain("5 members and pending invitations, where the plan allows 3");
  }
  expect(await mailsTo(app(), tenant.agents[2]!.email)).toEqual([]);
  // It fits again on a larger one.
  expect((await choose(token, "enterprise")).subscription.over).toEqual([]);
});

test("choosing a plan ends a trial, revives what was canceled, and pays no bill", async () => {
  const expected = { trialing: "active", canceled: "active", past_due: "past_due", active: "active" };
  for (const [before, after] of Object.entries(expected)) {
    const { tenant, token } = await workspace({ plan: "basic" });
    await app().superuser.query(
      "UPDATE tenants SET subscription_status = $2, trial_ends_at = CASE $2 WHEN 'trialing' THEN now() + interval '1 day' END WHERE id = $1",
      [tenant.id, before],
    );
    const { subscription } = await choose(token, "pro");
    expect(subscription).toMatchObject({ plan: "pro", status: after, trialEndsAt: null });
  }
});

test("live sockets come back with what the new plan allows", async () => {
  const { tenant, token } = await workspace({ plan: "basic" });
  const agent = await app().agent(tenant);
  const ear = await hear(agent);
  await choose(token, "pro");
  expect(await ear.next("session:ended")).toEqual({ reason: "access_changed", reconnect: true });
  await agent.until(() => agent.readies === 2, "the socket is back");
});

test("only who may change the plan does, and an unknown plan is none", async () => {
  const { tenant, token } = await workspace({ roles: ["tenant_admin", "manager"], plan: "basic" });
  const manager = await tokenFor(app(), tenant, tenant.agents[1]);
  expect(refusalOf(await request(app(), "plan/update", { token: manager, body: { plan: "pro" } }))).toEqual([
    403,
    "permission_denied",
  ]);
  for (const plan of ["platinum", "", null, 7, "Pro"])
    expect(refusalOf(await request(app(), "plan/update", { token, body: { plan } }))).toEqual([400, "invalid_payload"]);
  expect((await call(app(), "plan/get", { token: manager })).subscription.plan).toBe("basic");
});

test("of many choices at once each leaves a line that joins the one before", async () => {
  const { token } = await workspace({ plan: "basic" });
  const wanted = ["pro", "enterprise", "basic", "pro", "enterprise", "basic"];
  await Promise.all(wanted.map((plan) => choose(token, plan)));
  const { data } = await call(app(), "subscription-event/list", { token });
  const oldestFirst = data.toReversed();
  expect(oldestFirst.map(({ previousPlan }) => previousPlan)).toEqual([
    "basic",
    ...oldestFirst.slice(0, -1).map(({ plan }) => plan),
  ]);
  for (const { plan, previousPlan } of oldestFirst) expect(plan).not.toBe(previousPlan);
});

describe("the history of a subscription", () => {
  test("is paged, the newest first, and stays put while something is added", async () => {
    const { token } = await workspace({ plan: "basic" });
    for (const plan of ["pro", "enterprise", "pro", "basic"]) await choose(token, plan);
    const first = await call(app(), "subscription-event/list", { token, query: "?limit=3" });
    expect(first.data.map(({ plan }) => plan)).toEqual(["basic", "pro", "enterprise"]);
    await choose(token, "enterprise");
    const rest = await call(app(), "subscription-event/list", { token, query: `?limit=3&cursor=${first.nextCursor}` });
    expect(rest.data.map(({ plan }) => plan)).toEqual(["pro"]);
    expect(rest.nextCursor).toBeNull();
  });

  test("is each workspace's own", async () => {
    const [mine, theirs] = [await workspace({ plan: "basic" }), await workspace({ plan: "basic" })];
    await choose(mine.token, "pro");
    expect((await call(app(), "subscription-event/list", { token: theirs.token })).data).toEqual([]);
    const made = await request(app(), "subscription-event/list", { token: theirs.token, query: "?cursor=nonsense" });
    expect(refusalOf(made)).toEqual([400, "invalid_payload"]);
  });
});

test("a new member counts for the plan at once", async () => {
  const { tenant, token } = await workspace({ plan: "basic" });
  await addAgent(app().superuser, tenant);
  const { usage } = await call(app(), "usage/get", { token });
  expect(usage.limits.find(({ limit }) => limit === "agents")).toEqual({ limit: "agents", current: 2, most: 3 });
});
