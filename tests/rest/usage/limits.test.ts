import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { departments } from "../../../db/schema/index.ts";
import type { ErrorBody } from "../../../server/contract/errors.ts";
import { planNames } from "../../../server/contract/plans.ts";
import { systemCtx, transaction } from "../../../server/context.ts";
import { amountOf, ensureSize, ensureWithin } from "../../../server/features/usage/ensure-within.ts";
import { useApp } from "../../support/app.ts";
import { addAgent } from "../../support/tenant.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { ask, refused, say } from "../../socket/support/ask.ts";
import { begin } from "../../socket/support/scene.ts";
import { tokenFor } from "../requests.ts";
import { call } from "../platform/support.ts";

const app = useApp();

const addDepartment = (tenant: TestTenant) => {
  const ctx = systemCtx(app().app.node, tenant);
  return transaction(ctx, async (tx) => {
    await ensureWithin(ctx, tx, "departments");
    await tx.db.insert(departments).values({ tenantId: tenant.id, id: randomUUID(), name: randomUUID() });
  });
};

const invite = (tenant: TestTenant, expires: string) =>
  app().superuser.query(
    `INSERT INTO invitations (tenant_id, id, email, role, token_hash, invited_by_id, expires_at)
     VALUES ($1, $2, $3, 'agent', '-', $4, now() + $5::interval)`,
    [tenant.id, randomUUID(), `${randomUUID()}@somewhere.test`, tenant.agents[0]!.id, expires],
  );

const ensureAgents = (tenant: TestTenant, more?: number) => {
  const ctx = systemCtx(app().app.node, tenant);
  return transaction(ctx, (tx) => ensureWithin(ctx, tx, "agents", more));
};

const used = async (tenant: TestTenant): Promise<number> => {
  const { rows } = await app().superuser.query<{ value: number }>(
    "SELECT coalesce(sum(value), 0)::int AS value FROM usage_counters WHERE tenant_id = $1 AND metric LIKE 'conversations%'",
    [tenant.id],
  );
  return rows[0]!.value;
};

const setUsed = (tenant: TestTenant, value: number) =>
  app().superuser.query(
    `INSERT INTO usage_counters VALUES ($1, 'conversations', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM'), $2)
     ON CONFLICT (tenant_id, metric, period) DO UPDATE SET value = excluded.value`,
    [tenant.id, value],
  );

// Plans and their use are no visitor's business: neither a figure nor the plan's name is told.
const tellsNothing = ({ code, message, details }: ErrorBody): boolean =>
  code === "limit_exceeded" && details === undefined && !/\d|plan|month/iu.test(message);

test("of fifty that are added at once exactly as many are as the plan allows; the others learn limit, use and plan", async () => {
  const tenant = await app().tenant({ plan: "pro" });
  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => addDepartment(tenant)));
  const failed = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  // One stands from the start.
  expect(outcomes.length - failed.length).toBe(19);
  for (const error of failed)
    expect(error).toMatchObject({
      code: "limit_exceeded",
      details: { limit: "departments", current: 20, most: 20, plan: "pro" },
    });
});

test("active members and invitations that may still be accepted count; deactivated and expired ones do not", async () => {
  const tenant = await app().tenant({ plan: "basic", roles: ["tenant_admin", "agent"] });
  await app().superuser.query("UPDATE memberships SET status = 'deactivated' WHERE user_id = $1", [
    tenant.agents[1]!.id,
  ]);
  await invite(tenant, "-1 hour");
  await invite(tenant, "1 day");
  await ensureAgents(tenant);
  await expect(ensureAgents(tenant, 2)).rejects.toMatchObject({
    code: "limit_exceeded",
    details: { current: 2, most: 3 },
  });
  await addAgent(app().superuser, tenant);
  await expect(ensureAgents(tenant)).rejects.toMatchObject({ details: { current: 3 } });
  await ensureAgents(tenant, 0);
});

test("a plan without a limit limits nothing", async () => {
  const tenant = await app().tenant({ plan: "enterprise" });
  await expect(ensureAgents(tenant, 1_000_000)).resolves.toBeUndefined();
});

test("a size beyond the plan is refused", async () => {
  const ctx = systemCtx(app().app.node, await app().tenant({ plan: "basic" }));
  const capacity = (wanted: number) =>
    transaction(ctx, (tx) => ensureSize(ctx, tx, "openConversationsPerAgent", wanted));
  await capacity(20);
  await expect(capacity(21)).rejects.toMatchObject({
    code: "limit_exceeded",
    details: { limit: "openConversationsPerAgent", current: 21, most: 20, plan: "basic" },
  });
});

test.each(planNames)(
  "on %s conversations started at once are counted to the last one, a resend is none",
  async (plan) => {
    const tenant = await app().tenant({ plan });
    const contacts = await Promise.all(Array.from({ length: 5 }, () => app().contact(tenant)));
    const clientId = randomUUID();
    await Promise.all(
      contacts.flatMap((contact) => [
        begin(contact),
        begin(contact),
        ask(contact, "conversation:start", { clientId, body: "again" }),
        ask(contact, "conversation:start", { clientId, body: "again" }),
      ]),
    );
    expect(await used(tenant)).toBe(15);
  },
);

test("what was counted while there was no limit counts once there is one", async () => {
  const tenant = await app().tenant({ plan: "enterprise" });
  const contact = await app().contact(tenant);
  for (let i = 0; i < 3; i++) await begin(contact);
  await app().superuser.query("UPDATE tenants SET plan = 'basic' WHERE id = $1", [tenant.id]);
  await setUsed(tenant, 996);
  await begin(contact);
  expect(tellsNothing(await refused(begin(contact)))).toBe(true);
});

test("a start whose counter is held up by a transaction that hangs is refused in a moment, to be tried again", async () => {
  const tenant = await app().tenant({ plan: "basic" });
  await setUsed(tenant, 1);
  const contact = await app().contact(tenant);
  const holder = await app().superuser.connect();
  try {
    await holder.query("BEGIN");
    await holder.query("UPDATE usage_counters SET value = value WHERE tenant_id = $1", [tenant.id]);
    expect(await refused(begin(contact))).toMatchObject({ code: "unavailable", retryable: true });
    await holder.query("COMMIT");
  } finally {
    holder.release();
  }
  await begin(contact);
  expect(await used(tenant)).toBe(2);
});

test("of many conversations started at once as many stand as the month has left, and those refused leave nothing", async () => {
  const tenant = await app().tenant({ plan: "basic" });
  await setUsed(tenant, 997);
  const contacts = await Promise.all(Array.from({ length: 8 }, () => app().contact(tenant)));
  const outcomes = await Promise.allSettled(contacts.map((contact) => begin(contact)));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  expect(await used(tenant)).toBe(1_000);
  const { rows } = await app().superuser.query(
    "SELECT (SELECT count(*)::int FROM conversations WHERE tenant_id = $1) AS conversations, (SELECT count(*)::int FROM contacts WHERE tenant_id = $1) AS contacts",
    [tenant.id],
  );
  expect(rows).toEqual([{ conversations: 3, contacts: 3 }]);
  expect(tellsNothing(await refused(begin(await app().contact(tenant))))).toBe(true);
});

test("a conversation that stands goes on when the month is used up: written in, resolved, reopened; and a resend of its start is answered", async () => {
  const tenant = await app().tenant({ plan: "basic" });
  const [contact, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const clientId = randomUUID();
  const { conversation } = await ask(contact, "conversation:start", { clientId, body: "hello" });
  await setUsed(tenant, 5_000);
  await say(agent, conversation.id, "how can I help?");
  await ask(agent, "conversation:resolve", { conversationId: conversation.id });
  await say(contact, conversation.id, "not quite");
  await ask(agent, "conversation:resolve", { conversationId: conversation.id });
  await ask(agent, "conversation:reopen", { conversationId: conversation.id });
  const again = await ask(contact, "conversation:start", { clientId, body: "hello" });
  expect(again.conversation.id).toBe(conversation.id);
  expect(await used(tenant)).toBe(5_000);
});

test("usage shows what is used of every limit, this month, and the months before", async () => {
  const tenant = await app().tenant({ plan: "pro", roles: ["tenant_admin", "agent"] });
  const contact = await app().contact(tenant);
  await begin(contact);
  await begin(contact);
  await app().superuser.query("INSERT INTO usage_counters VALUES ($1, 'conversations', '2020-01', 7)", [tenant.id]);
  const { usage } = await call(app(), "usage/get", { token: await tokenFor(app(), tenant) });
  expect(usage.plan).toBe("pro");
  expect(usage.limits).toEqual([
    { limit: "agents", current: 2, most: 25 },
    { limit: "departments", current: 1, most: 20 },
    { limit: "inboxes", current: 1, most: 10 },
    { limit: "conversationsPerMonth", current: 2, most: 20_000 },
    { limit: "storageMegabytes", current: 0, most: 51_200 },
  ]);
  expect(usage.months).toEqual([
    { period: usage.period, conversations: 2 },
    { period: "2020-01", conversations: 7 },
  ]);
  expect(usage.resetsAt).toMatch(/^\d{4}-\d{2}-01T00:00:00\.000Z$/u);
  expect(Date.parse(usage.resetsAt)).toBeGreaterThan(Date.now());
});

test("a limit is told in words that fit its number", () => {
  expect(amountOf("inboxes", 1)).toBe("1 inbox");
  expect(amountOf("inboxes", 10)).toBe("10 inboxes");
});
