import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { availabilityAt } from "../../../server/features/availability/inbox.ts";
import { useApp } from "../../support/app.ts";
import type { TestTenant } from "../../support/tenant.ts";
import { anotherSocket, ask, codeOf } from "../support/ask.ts";
import { hear } from "../support/hear.ts";

const app = useApp();

const mondays = { timeZone: "Europe/Zurich", intervals: [{ weekday: 1, from: "09:00", to: "17:00" }], holidays: [] };

test("an inbox is open by its department's hours and online by who is there and wants conversations", () => {
  const facts = { hours: mondays, offlineBehaviour: "form" as const, available: ["a", "b"] };
  const monday = new Date("2026-11-23T10:00:00Z");
  const sunday = new Date("2026-11-22T10:00:00Z");
  expect(availabilityAt(facts, new Set(["b"]), monday)).toEqual({
    open: true,
    online: true,
    offlineBehaviour: "form",
    opensAt: null,
  });
  expect(availabilityAt(facts, new Set(["c"]), sunday)).toEqual({
    open: false,
    online: false,
    offlineBehaviour: "form",
    opensAt: "2026-11-23T08:00:00.000Z",
  });
  expect(availabilityAt({ ...facts, hours: null }, new Set(), sunday)).toMatchObject({ open: true, opensAt: null });
  const never = { ...mondays, intervals: [] };
  expect(availabilityAt({ ...facts, hours: never }, new Set(), sunday)).toMatchObject({ open: false, opensAt: null });
});

/** Closes the department for good, or opens it around the clock. */
const setHours = async (tenant: TestTenant, open: boolean, behaviour = "form"): Promise<void> => {
  const id = randomUUID();
  const always = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, from: "00:00", to: "24:00" }));
  await app().superuser.query(
    "INSERT INTO business_hours (tenant_id, id, name, time_zone, intervals) VALUES ($1, $2, $3, 'UTC', $4)",
    [tenant.id, id, `hours ${id}`, JSON.stringify(open ? always : [])],
  );
  await app().superuser.query(
    "UPDATE departments SET business_hours_id = $2, offline_behaviour = $3 WHERE tenant_id = $1",
    [tenant.id, id, behaviour],
  );
};

test("a visitor is told at once whether anybody is there, and of every change", async () => {
  const tenant = await app().tenant({ roles: ["agent", "read_only"] });
  const visitor = await app().contact(tenant);
  const nobody = { open: true, online: false, offlineBehaviour: "queue", opensAt: null };
  expect(visitor.ready).toMatchObject({ inbox: nobody });
  const ear = await hear(visitor);
  // A reader answers nobody.
  await app().agent(tenant, { agent: tenant.agents[1]! });
  const agent = await app().agent(tenant);
  await ear.next("inbox:changed", ({ inbox }) => inbox.online);
  expect((await anotherSocket(visitor)).ready).toMatchObject({ inbox: { ...nobody, online: true } });
  await ask(agent, "availability:set", { availability: "away" });
  await ear.next("inbox:changed", ({ inbox }) => !inbox.online);
  await ask(agent, "availability:set", { availability: "available" });
  await visitor.until(() => ear.of("inbox:changed").length === 3, "the agent is available again");
  agent.close();
  await visitor.until(() => ear.of("inbox:changed").length === 4, "the agent is gone");
  expect(ear.of("inbox:changed").map(({ inbox }) => inbox.online)).toEqual([true, false, true, false]);
});

test("a department that closes is told to its visitors, and takes messages for later", async () => {
  const tenant = await app().tenant({ strategy: "least_loaded" });
  const [visitor, agent] = [await app().contact(tenant), await app().agent(tenant)];
  const ear = await hear(visitor);
  await setHours(tenant, false);
  const { inbox } = await ear.next("inbox:changed", (one) => !one.inbox.open);
  expect(inbox).toEqual({ open: false, online: true, offlineBehaviour: "form", opensAt: null });
  const said = { clientId: randomUUID(), body: "call me", name: "Ann", email: "ann@shop.test" };
  const { conversation } = await ask(visitor, "conversation:start", said);
  expect(conversation).toMatchObject({ status: "queued", forLater: true, contact: { name: "Ann", verified: false } });
  const { rows } = await app().superuser.query("SELECT name, email FROM contacts WHERE tenant_id = $1", [tenant.id]);
  expect(rows).toEqual([{ name: "Ann", email: "ann@shop.test" }]);
  expect((await ear.calm()).of("queue:changed")).toEqual([]);
  expect((await ask(agent, "conversation:list", { view: "mine" })).conversations).toEqual([]);
});

test("a closed department that lets people wait makes nothing for later, and neither does an open one", async () => {
  const [waiting, open] = [await app().tenant(), await app().tenant()];
  await setHours(waiting, false, "queue");
  await setHours(open, true);
  for (const tenant of [waiting, open]) {
    const visitor = await app().contact(tenant);
    const { conversation } = await ask(visitor, "conversation:start", { clientId: randomUUID(), body: "hello" });
    expect(conversation).not.toHaveProperty("forLater");
  }
});

test("an archived department takes no conversations, and neither does the plan beyond its month", async () => {
  const tenant = await app().tenant({ plan: "basic" });
  const visitor = await app().contact(tenant);
  const start = (more: object = {}) => ask(visitor, "conversation:start", { clientId: randomUUID(), ...more });
  await app().superuser.query("UPDATE departments SET archived_at = now() WHERE tenant_id = $1", [tenant.id]);
  expect(await codeOf(start({ departmentId: tenant.departmentId }))).toBe("not_found");
  await start();
  await app().superuser.query(
    "UPDATE usage_counters SET value = 1000 WHERE tenant_id = $1 AND metric = 'conversations'",
    [tenant.id],
  );
  expect(await codeOf(start())).toBe("limit_exceeded");
});
