import { afterAll, expect, inject, test } from "vitest";
import { createTenancy } from "../../db/tenancy.ts";
import { copyDatabase } from "../support/services.ts";
import { createTenant } from "../support/tenant.ts";

const database = await copyDatabase(inject("services"));
const open = () =>
  createTenancy({
    ownerUrl: database.ownerUrl,
    appUrl: database.appUrl,
    poolSize: 2,
    name: "closing",
    onError: () => {},
  });
afterAll(() => database.drop());

test("what is under way when the connections are closed is done first, and what it leads to", async () => {
  const tenancy = open();
  const { id } = await createTenant(database.superuser);
  const sleep = (name: string) =>
    tenancy.withTenant(
      id,
      async (db) => (await db.execute(`SELECT pg_sleep(0.2), '${name}' AS name`)).rows[0]!["name"],
    );
  const told: unknown[] = [];
  const inBackground = (async () => {
    told.push(await sleep("change"));
    told.push(await sleep("telling"));
    told.push(
      await tenancy.readTenant(id, "agent", async (db) => (await db.execute("SELECT 'look' AS name")).rows[0]!["name"]),
    );
  })();
  await tenancy.close();
  await inBackground;
  expect(told).toEqual(["change", "telling", "look"]);
});
