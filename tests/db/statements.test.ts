import { afterAll, expect, test, vi } from "vitest";
import { startApp, type TestApp } from "../support/app.ts";
import { fillUp } from "./bulk.ts";
import { explainAll, watchPlans } from "./plans-seen.ts";
import { tour } from "./tour.ts";

vi.setConfig({ testTimeout: 120_000 });

const watch = watchPlans();
afterAll(watch.stop);

/** Rows of each table that grows, and how many of them a statement may come by for one of its tables. */
const [rows, most] = [10_000, 1_000];

const know =
  (reltuples: number) =>
  async ({ superuser }: TestApp) => {
    await superuser.query("ANALYZE");
    await superuser.query(
      "UPDATE pg_class SET reltuples = $1 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')",
      [reltuples],
    );
  };

test.each([
  ["nothing is known of the tables", "auto", async () => {}],
  ["the tables are said to hold 5,000,000 rows each, and plans are kept", "force_generic_plan", know(5_000_000)],
])("no statement of a command or a frequent job reads more than its rows where %s", async (_, planCacheMode, learn) => {
  const app = await startApp();
  const tenant = await app.tenant({ roles: ["tenant_admin", "agent"] });
  await fillUp(app.superuser, tenant, rows);
  await learn(app);
  await explainAll(app.superuser, { plan_cache_mode: planCacheMode });
  watch.readings.length = 0;
  await tour(app, tenant);
  expect(new Set(watch.readings.map(({ statement }) => statement)).size).toBeGreaterThan(50);
  const greedy = watch.readings
    .filter(({ touched }) => touched > most)
    .map(({ statement, table, index, condition }) => `${table} by ${index} (${condition}): ${statement.slice(0, 400)}`);
  expect([...new Set(greedy)]).toEqual([]);
});
