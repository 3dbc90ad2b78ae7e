import * as v from "valibot";
import { afterAll, describe, expect, test, vi } from "vitest";
import { useApp } from "../support/app.ts";
import { startNameServer } from "../support/name-server.ts";
import { unaudited } from "../support/unaudited.ts";
import { preparationsFor } from "./routes-preparations.ts";
import { all, callRoute, createWorld, snapshot, type World } from "./routes-world.ts";

const names = await startNameServer();
const app = useApp({ RATE_LIMIT_FACTOR: "1000", DNS_SERVERS: names.address });
// Some of these send hundreds of requests, on a machine that may do much else.
vi.setConfig({ testTimeout: 90_000 });
afterAll(names.close);

const preparations = preparationsFor(app, names);

const audited = async (world: World): Promise<number> =>
  (await app().superuser.query("SELECT FROM audit_events WHERE tenant_id = $1", [world.tenant.id])).rowCount!;

// These are told in the log of the workspace they make, or of Parley's own.
const elsewhere = new Set(["auth/register", "platform-tenant/create", "auth/totp/setup"]);

describe.each(all)("%s", (...route) => {
  const [name, spec] = route;

  test("does what its example asks, and answers as described", async () => {
    const world = await createWorld(app());
    const asking = (await preparations[name]?.(world)) ?? {};
    await world.idsOf(spec);
    if (spec.auth !== "none") await world.tokenOf(spec);
    const [events, before] = [await audited(world), await snapshot(app(), [world.tenant.id])];
    const answer = await callRoute(app(), world, route, asking);
    expect([answer.status, answer.status === spec.status ? undefined : answer.body]).toEqual([spec.status, undefined]);
    const told = name in unaudited || elsewhere.has(name);
    const isReading = spec.method === "GET" && !spec.streams;
    const changed = (await snapshot(app(), [world.tenant.id])) !== before;
    expect({ reads: isReading, changed: isReading && changed }).toEqual({ reads: isReading, changed: false });
    expect({ name, audited: told || isReading || (await audited(world)) > events }).toEqual({ name, audited: true });
  });
});

const strings = (value: unknown, way: string[] = []): string[][] => {
  if (typeof value === "string") return [way];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, held]) => strings(held, [...way, key]));
};
const put = (value: any, [step, ...rest]: string[], text: string): unknown =>
  step === undefined ? text : { ...value, [step]: put(value[step], rest, text) };

const nasty = [
  "'; DROP TABLE tenants; --",
  "<script>alert(1)</script>",
  "\u{1F600}\u{1F468}\u200D\u{1F469}",
  "%s ${7*7} {{7*7}}",
  "\u202Egnp.exe",
  "a".repeat(60),
];

describe.each(all.filter(([, { example }]) => strings(example?.body ?? {}).length > 0))("%s", (...route) => {
  test("takes or refuses whatever people write, and never fails over it", async () => {
    const world = await createWorld(app());
    const asking = (await preparations[route[0]]?.(world)) ?? {};
    const body = asking.body ?? route[1].example!.body!;
    for (const way of strings(body))
      for (const text of nasty) {
        const written = put(body, way, text);
        // What the contract refuses gets no further; others see to that.
        if (!v.safeParse(route[1].body!, written).success) continue;
        const answer = await callRoute(app(), world, route, { ...asking, body: written });
        expect([way.join("."), text, answer.status < 500]).toEqual([way.join("."), text, true]);
      }
  });
});
