import { expect, test } from "vitest";
import { handlers } from "../../../workers/handlers.ts";
import { mailsTo } from "../../rest/platform/support.ts";
import { useApp } from "../../support/app.ts";
import type { TenantOptions } from "../../support/tenant.ts";

const app = useApp();
const warn = async () => {
  await Promise.all([handlers["usage.warn"](app().app.node), handlers["usage.warn"](app().app.node)]);
};

const withConversations = async (value: number, options: TenantOptions = {}) => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"], plan: "basic", ...options });
  const use = (now: number) =>
    app().superuser.query(
      `INSERT INTO usage_counters VALUES ($1, 'conversations', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM'), $2)
       ON CONFLICT (tenant_id, metric, period) DO UPDATE SET value = excluded.value`,
      [tenant.id, now],
    );
  await use(value);
  const subjects = async () => (await mailsTo(app(), tenant.agents[0]!.email)).map(({ subject }) => subject as string);
  return { tenant, use, subjects };
};

test("admins hear once that a month's conversations are nearly used up, and once that they are", async () => {
  const { tenant, use, subjects } = await withConversations(799);
  await warn();
  expect(await subjects()).toEqual([]);
  await use(800);
  await warn();
  await use(900);
  await warn();
  expect(await subjects()).toEqual([`${tenant.name} has used most of this month's conversations`]);
  await use(1_000);
  await warn();
  await warn();
  expect((await subjects()).slice(1)).toEqual([`${tenant.name} can take no more new conversations this month`]);
  expect(await mailsTo(app(), tenant.agents[1]!.email)).toEqual([]);
});

test("a plan without a limit warns of nothing", async () => {
  const { subjects } = await withConversations(1_000_000, { plan: "enterprise" });
  await warn();
  expect(await subjects()).toEqual([]);
});
