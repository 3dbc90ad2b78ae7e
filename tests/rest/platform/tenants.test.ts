import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { useApp } from "../../support/app.ts";
import { auditOf, refusalOf, tokenFor } from "../requests.ts";
import { type Staff, call, mailsTo, request, staffOf } from "./support.ts";

const app = useApp();
let root: Staff;
let supporter: Staff;

beforeAll(async () => {
  root = await staffOf(app());
  supporter = await staffOf(app(), "platform_support", "Sam");
});

const newTenant = (more: object = {}) => {
  const slug = `new-${randomUUID().slice(0, 8)}`;
  return {
    name: `New ${slug}`,
    slug,
    plan: "pro",
    owner: { email: `Owner@${slug}.test`, name: "Olive Owner" },
    ...more,
  };
};

const setPlan = (tenantId: string, body: object) =>
  call(app(), "platform-tenant/set-plan", { token: root.token, params: { tenantId }, body });
const setPlanRefused = async (tenantId: string, body: object) =>
  refusalOf(await request(app(), "platform-tenant/set-plan", { token: root.token, params: { tenantId }, body }));

describe("the list of workspaces", () => {
  test("holds every customer and not Parley's own, is searched by name, short name and id, and filtered", async () => {
    const tenant = await app().tenant({ plan: "basic", roles: ["agent", "agent"] });
    const list = async (query: string) =>
      (await call(app(), "platform-tenant/list", { token: supporter.token, query })).data;
    for (const search of [tenant.slug, tenant.name.toUpperCase().replaceAll(" ", "%20"), tenant.id])
      expect((await list(`?search=${search}`)).map(({ id }) => id)).toEqual([tenant.id]);
    expect(await list(`?search=${tenant.slug}&plan=pro`)).toEqual([]);
    expect(await list(`?search=${tenant.slug}&status=suspended`)).toEqual([]);
    expect(await list(`?search=${tenant.slug}&plan=basic&status=active`)).toMatchObject([
      { agents: 2, plan: "basic", suspendedAt: null },
    ]);
    expect(await list("?search=parley-staff")).toEqual([]);
  });

  test("is paged, the newest first, and stays put while workspaces are made", async () => {
    const made = [];
    for (let i = 0; i < 3; i++) made.unshift((await app().tenant()).id);
    const page = (query: string) => call(app(), "platform-tenant/list", { token: root.token, query });
    const first = await page("?limit=2");
    expect(first.data.map(({ id }) => id)).toEqual(made.slice(0, 2));
    await app().tenant();
    const second = await page(`?limit=2&cursor=${first.nextCursor}`);
    expect(second.data[0]!.id).toBe(made[2]);
    const wrong = await request(app(), "platform-tenant/list", { token: root.token, query: "?cursor=7" });
    expect(refusalOf(wrong)).toEqual([400, "invalid_payload"]);
  });
});

test("one workspace is shown with what it uses and who its admins are; another id is not found, nor is Parley's own", async () => {
  const tenant = await app().tenant({ plan: "basic", roles: ["agent", "tenant_admin"] });
  const get = (tenantId: string) => ({ token: root.token, params: { tenantId } });
  const { tenant: shown, limits, admins } = await call(app(), "platform-tenant/get", get(tenant.id));
  expect(shown).toMatchObject({ id: tenant.id, name: tenant.name, agents: 2, status: "active" });
  expect(limits[0]).toEqual({ limit: "agents", current: 2, most: 3 });
  const { id, name, email } = tenant.agents[1]!;
  expect(admins).toEqual([{ id, name, email }]);
  for (const other of [randomUUID(), root.home.id])
    expect(refusalOf(await request(app(), "platform-tenant/get", get(other)))).toEqual([404, "not_found"]);
});

describe("making a workspace", () => {
  test("gives it roles, a department, an inbox and an owner, who is mailed a link to choose a password", async () => {
    const body = newTenant({ trialDays: 30, timeZone: "Europe/Lisbon" });
    const { tenant, owner } = await call(app(), "platform-tenant/create", { token: root.token, body });
    expect(tenant).toMatchObject({ slug: body.slug, plan: "pro", subscriptionStatus: "trialing", agents: 1 });
    expect(owner).toMatchObject({ email: body.owner.email.toLowerCase(), name: "Olive Owner" });
    const [mail] = await mailsTo(app(), owner.email);
    expect(mail).toMatchObject({ tenant_id: tenant.id, kind: "workspace_created" });
    expect(mail.text).toMatch(/reset-password\?token=/u);
    const { rows } = await app().superuser.query(
      `SELECT (SELECT count(*)::int FROM roles WHERE tenant_id = $1) AS roles,
         (SELECT count(*)::int FROM departments JOIN department_members USING (tenant_id) WHERE tenant_id = $1) AS departments,
         (SELECT count(*)::int FROM inbox_keys WHERE tenant_id = $1) AS inboxes,
         (SELECT role FROM memberships WHERE tenant_id = $1) AS role`,
      [tenant.id],
    );
    expect(rows).toEqual([{ roles: 4, departments: 1, inboxes: 1, role: "tenant_admin" }]);
    expect(await auditOf(app(), { id: tenant.id } as never)).toMatchObject([
      { action: "tenant.create", actor_kind: "platform", actor_id: root.member.id, actor_name: "Rosa" },
    ]);
    expect((await auditOf(app(), root.home)).at(-1)).toMatchObject({
      action: "tenant.create",
      actor_kind: "agent",
      actor_id: root.member.id,
      target_id: tenant.id,
    });
  });

  test("an owner who has a login keeps it", async () => {
    const elsewhere = await app().tenant();
    const { email, id } = elsewhere.agents[0]!;
    const body = newTenant({ owner: { email, name: "Another Name" } });
    const { owner } = await call(app(), "platform-tenant/create", { token: root.token, body });
    expect(owner).toEqual({ id, email, name: elsewhere.agents[0]!.name });
    expect((await mailsTo(app(), email))[0].text).not.toContain("token=");
  });

  test("nothing is made for whoever signed up with an address and never showed that it is theirs", async () => {
    const { email, id } = (await app().tenant()).agents[0]!;
    await app().superuser.query("UPDATE users SET email_confirmed_at = NULL WHERE id = $1", [id]);
    const body = newTenant({ owner: { email, name: "Olive Owner" } });
    const refused = await request(app(), "platform-tenant/create", { token: root.token, body });
    expect(refusalOf(refused)).toEqual([409, "conflict"]);
    const count = "SELECT count(*)::int AS n FROM tenants WHERE slug = $1";
    expect((await app().superuser.query(count, [body.slug])).rows).toEqual([{ n: 0 }]);
  });

  test("a short name that is taken makes nothing, nor do two at once make two", async () => {
    const taken = (await app().tenant()).slug;
    const body = newTenant({ slug: taken });
    const refused = await request(app(), "platform-tenant/create", { token: root.token, body });
    expect(refusalOf(refused)).toEqual([409, "conflict"]);
    const count = "SELECT count(*)::int AS n FROM users WHERE email = $1";
    expect((await app().superuser.query(count, [body.owner.email.toLowerCase()])).rows).toEqual([{ n: 0 }]);
    const twice = newTenant();
    const answers = await Promise.all(
      [1, 2].map(() => request(app(), "platform-tenant/create", { token: root.token, body: twice })),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409]);
  });
});

describe("a workspace's members", () => {
  test("are listed by name, searched and filtered, for whoever may act as one of them", async () => {
    const tenant = await app().tenant({ roles: ["tenant_admin", "agent", "agent"] });
    const params = { tenantId: tenant.id };
    const list = (query: string) => call(app(), "platform-tenant/list-agents", { token: root.token, params, query });
    const { data } = await list("");
    expect(data.map(({ id }) => id).toSorted()).toEqual(tenant.agents.map(({ id }) => id).toSorted());
    expect(data.map(({ name }) => name)).toEqual(data.map(({ name }) => name).toSorted());
    const [one] = tenant.agents;
    expect((await list(`?search=${one!.email}`)).data).toMatchObject([{ id: one!.id, role: "tenant_admin" }]);
    expect((await list("?status=deactivated")).data).toEqual([]);
    const first = await list("?limit=2");
    expect([...first.data, ...(await list(`?limit=2&cursor=${first.nextCursor}`)).data]).toEqual(data);
  });
});

describe("setting a plan", () => {
  test("changes plan and state, and both logs and the history say who and why", async () => {
    const tenant = await app().tenant({ plan: "basic", roles: ["tenant_admin"] });
    const reason = "They signed for a year.";
    const { subscription } = await setPlan(tenant.id, { plan: "enterprise", reason });
    expect(subscription).toMatchObject({ plan: "enterprise", status: "active", over: [] });
    const event = { action: "plan.update", actor_id: root.member.id, after: { plan: "enterprise", reason } };
    expect(await auditOf(app(), tenant)).toMatchObject([{ ...event, actor_kind: "platform" }]);
    expect((await auditOf(app(), root.home)).at(-1)).toMatchObject({ ...event, after: { tenantId: tenant.id } });
    const { data } = await call(app(), "subscription-event/list", { token: await tokenFor(app(), tenant) });
    expect(data).toMatchObject([{ plan: "enterprise", by: { kind: "platform", id: root.member.id }, reason }]);
  });

  test("a subscription goes through its states, and only as they follow one another", async () => {
    const { id } = await app().tenant({ plan: "pro" });
    const soon = new Date(Date.now() + 86_400_000).toISOString();
    expect(await setPlanRefused(id, { plan: "pro", status: "trialing", trialEndsAt: soon })).toEqual([409, "conflict"]);
    expect((await setPlan(id, { plan: "pro", status: "past_due" })).subscription.status).toBe("past_due");
    expect((await setPlan(id, { plan: "enterprise" })).subscription.status).toBe("past_due");
    expect(await setPlanRefused(id, { plan: "pro", status: "canceled" })).toEqual([400, "invalid_payload"]);
    expect((await setPlan(id, { plan: "basic", status: "canceled" })).tenant.plan).toBe("basic");
    expect(await setPlanRefused(id, { plan: "basic", status: "past_due" })).toEqual([409, "conflict"]);
    expect(await setPlanRefused(id, { plan: "pro", status: "trialing" })).toEqual([400, "invalid_payload"]);
    const past = new Date(Date.now() - 1_000).toISOString();
    expect(await setPlanRefused(id, { plan: "pro", status: "trialing", trialEndsAt: past })).toEqual([
      400,
      "invalid_payload",
    ]);
    const again = await setPlan(id, { plan: "pro", status: "trialing", trialEndsAt: soon });
    expect(again.subscription).toMatchObject({ status: "trialing", trialEndsAt: soon });
    expect(await setPlanRefused(id, { plan: "pro", status: "active", trialEndsAt: soon })).toEqual([
      400,
      "invalid_payload",
    ]);
    expect((await setPlan(id, { plan: "pro", status: "active" })).subscription.trialEndsAt).toBeNull();
  });
});

describe("what is Parley's alone", () => {
  const deeds = (tenantId: string) =>
    [
      ["platform-tenant/list", {}],
      ["platform-tenant/get", { params: { tenantId } }],
      ["platform-tenant/create", { body: newTenant() }],
      ["platform-tenant/suspend", { params: { tenantId }, body: { reason: "because" } }],
      ["platform-tenant/resume", { params: { tenantId } }],
      ["platform-tenant/set-plan", { params: { tenantId }, body: { plan: "basic" } }],
      ["impersonation/create", { body: { tenantId, reason: "because", minutes: 5 } }],
      ["impersonation/list", {}],
      ["impersonation/end", { params: { impersonationId: randomUUID() } }],
    ] as const;

  test("a customer's admin may do none of it, not even to their own workspace", async () => {
    const tenant = await app().tenant({ roles: ["tenant_admin"] });
    const token = await tokenFor(app(), tenant);
    for (const [name, asked] of deeds(tenant.id))
      expect([name, ...refusalOf(await request(app(), name, { token, ...asked }))]).toEqual([
        name,
        403,
        "permission_denied",
      ]);
    expect(await auditOf(app(), tenant)).toEqual([]);
  });

  test("a platform's role in a customer's workspace, however it got there, opens nothing", async () => {
    const tenant = await app().tenant({ roles: ["tenant_admin"] });
    const { superuser } = app();
    await superuser.query(
      "INSERT INTO roles (tenant_id, key, name, built_in) VALUES ($1, 'super_admin', 'Super', true)",
      [tenant.id],
    );
    await superuser.query("UPDATE memberships SET role = 'super_admin' WHERE tenant_id = $1", [tenant.id]);
    const token = await tokenFor(app(), tenant);
    for (const [name, asked] of deeds(tenant.id))
      expect([name, ...refusalOf(await request(app(), name, { token, ...asked }))]).toEqual([
        name,
        403,
        "permission_denied",
      ]);
  });

  test("support staff look and impersonate, but manage nothing", async () => {
    const { id: tenantId } = await app().tenant();
    for (const name of ["platform-tenant/create", "platform-tenant/suspend", "platform-tenant/set-plan"] as const) {
      const asked = Object.fromEntries(deeds(tenantId))[name];
      const answer = await request(app(), name, { token: supporter.token, ...asked });
      expect(refusalOf(answer)).toEqual([403, "permission_denied"]);
    }
  });
});
