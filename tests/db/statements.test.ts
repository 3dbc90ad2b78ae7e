import { afterAll, expect, test, vi } from "vitest";
import { startApp, type TestApp } from "../support/app.ts";
import { startNameServer } from "../support/name-server.ts";
import { fillUp } from "./bulk.ts";
import { explainAll, watchPlans } from "./plans-seen.ts";
import { tourRoutes } from "./tour-routes.ts";
import { tour } from "./tour.ts";

vi.setConfig({ testTimeout: 120_000 });

const names = await startNameServer();
afterAll(names.close);
const watch = watchPlans();
afterAll(watch.stop);

/** Rows of each table that grows, and how many of them a statement may come by for one of its tables. */
const [rows, most] = [10_000, 1_000];

/** What only routes may read more for, the tables by which, and why. */
const greedyRoutes = [
  // Invitations are written by hand, one by one, and read by admins alone: by their state, and whatever leads into a department that goes.
  /^invitations by .*(CASE WHEN i\.accepted_at|array_remove\(department_ids)/u,
  // Whoever looks for rare events reads back along the time until a page is full. Indexes for it would cost every audited act.
  /^audit_events by audit_events_time .*LIMIT \$\d+ \), counted AS/u,
];

const know =
  (reltuples: number) =>
  async ({ superuser }: TestApp) => {
    await superuser.query("ANALYZE");
    await superuser.query(
      "UPDATE pg_class SET reltuples = $1 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')",
      [reltuples],
    );
  };

const greedy = () => [
  ...new Set(
    watch.readings
      .filter(({ touched }) => touched > most)
      .map(({ statement, table, index, condition }) => `${table} by ${index} (${condition}): ${statement}`),
  ),
];

test.each([
  ["nothing is known of the tables", "auto", async () => {}],
  ["the tables are said to hold 5,000,000 rows each, and plans are kept", "force_generic_plan", know(5_000_000)],
])("no statement of a command, a route or a frequent job reads more than its rows where %s", async (...given) => {
  const [, planCacheMode, learn] = given;
  const app = await startApp({ RATE_LIMIT_FACTOR: "1000", DNS_SERVERS: names.address });
  const tenant = await app.tenant({ roles: ["tenant_admin", "agent"] });
  await fillUp(app.superuser, tenant, rows);
  await learn(app);
  await explainAll(app.superuser, { plan_cache_mode: planCacheMode });
  watch.readings.length = 0;
  await tour(app, tenant);
  expect(new Set(watch.readings.map(({ statement }) => statement)).size).toBeGreaterThan(50);
  expect(greedy()).toEqual([]);
  watch.readings.length = 0;
  await tourRoutes(app, tenant, names);
  expect(greedy().filter((reading) => !greedyRoutes.some((allowed) => allowed.test(reading)))).toEqual([]);
  // In no department, so that nobody begins to route them.
  await app.superuser.query("UPDATE conversations SET status = 'queued', department_id = NULL WHERE tenant_id = $1", [
    tenant.id,
  ]);
  const agent = await app.agent(tenant);
  watch.readings.length = 0;
  const { nextCursor } = await agent.command("conversation:list", { view: "queue" });
  await agent.command("conversation:list", { view: "queue", cursor: nextCursor! });
  // What the node looks after meanwhile is not what this is about.
  const listed = watch.readings.filter(({ statement }) => statement.includes("presented_bytes(conversations)"));
  expect(listed.length).toBeGreaterThan(0);
  expect(listed.filter(({ touched }) => touched > most)).toEqual([]);
});
