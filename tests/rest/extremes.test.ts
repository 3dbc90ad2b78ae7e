import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { agentCommands } from "../../server/contract/agent.ts";
import type { Commands, RouteSpec } from "../../server/contract/define.ts";
import { widgetCommands } from "../../server/contract/widget.ts";
import { listen, type Listener } from "../socket/support/listener.ts";
import { fieldsOf, isId, minimal, withValue } from "../socket/support/samples.ts";
import { useApp } from "../support/app.ts";
import { openSession } from "../support/tenant.ts";
import { all, callRoute, createWorld, those, withIds, type World } from "./routes-world.ts";

const app = useApp({ RATE_LIMIT_FACTOR: "1000" });
vi.setConfig({ testTimeout: 90_000 });

const id = "0192f0c1-7a55-7c3e-9b1d-2f4c6a8e0b12";
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

const moments = [
  "0000-01-01T00:00:00Z",
  "0000-12-31T23:59:59.999Z",
  "0001-01-01T00:00:00Z",
  "0001-01-01T00:00:00+14:00",
  "0099-12-31T00:00:00Z",
  "1970-01-01T00:00:00.000Z",
  "9999-12-31T23:59:59.999Z",
  "9999-12-31T23:59:59-14:00",
  "2026-02-31T00:00:00Z",
];
const days = ["0000-01-01", "0001-01-01", "0099-02-29", "2026-02-31", "9999-12-31", "0000-00-00"];
const before = ["-9999999999", "253402300800000", "999999999999999"];
const cursors = [
  id,
  "00000000-0000-0000-0000-000000000000",
  "ffffffff-ffff-ffff-ffff-ffffffffffff",
  ...before.flatMap((number) => [`${number}.${id}`, `${number}_${id}`, `0.${number}.${id}`]),
  "conversation.read",
  "tenant_admin",
  "1",
  encoded({ id, at: 999_999_999_999_999 }),
  encoded(["0000-01-01", id]),
  Buffer.from(id).toString("base64"),
];
const numbers = [
  0,
  -0,
  1,
  -1,
  2_147_483_647,
  2_147_483_648,
  -2_147_483_649,
  Number.MAX_SAFE_INTEGER,
  999_999_999_999_999,
  1e300,
  5e-324,
];
const inQueries = [...numbers.map(String), "000000000000001"];
const extremes: unknown[] = [...moments, ...days, ...cursors, ...numbers];

let world: World;
beforeAll(async () => {
  world = await createWorld(app());
  await world.settle();
});

/**
 * What the contract lets through: the rest is refused before anything sees it, which other tests try. Where any text may
 * stand, a date is text like any other, but for cursors.
 */
const taken = (schema: v.GenericSchema, name: unknown, values: unknown[]) => {
  const isText = name !== "cursor" && v.is(schema, "any-text-at-all");
  return values.filter((value) => v.is(schema, value) && !(isText && typeof value === "string"));
};

const withQuery = those(({ query }) => query);
test.each(withQuery)("%s answers or refuses every extreme in its query", async (...route) => {
  const [, spec] = route;
  const entries = (spec.query as unknown as { entries: Record<string, v.GenericSchema> }).entries;
  const wrong: unknown[] = [];
  for (const [name, schema] of Object.entries(entries))
    for (const value of taken(schema, name, [...moments, ...days, ...cursors, ...inQueries])) {
      // Lists of both orders: a cursor is read by what else is asked.
      const views = "view" in entries ? ["", "&view=queue"] : [""];
      for (const more of views) {
        const { status, body } = await callRoute(app(), world, route, {
          query: `?${name}=${encodeURIComponent(String(value))}${more}`,
        });
        if (status !== spec.status && status !== 400) wrong.push([name, value, status, body]);
      }
    }
  expect(wrong).toEqual([]);
});

type Way = (string | number)[];
const places = (value: unknown, way: Way = []): Way[] => {
  if (typeof value !== "object" || value === null) return [way];
  return Object.entries(value).flatMap(([key, held]) =>
    places(held, [...way, Array.isArray(value) ? Number(key) : key]),
  );
};
const put = (value: any, [step, ...rest]: Way, wanted: unknown): unknown => {
  if (step === undefined) return wanted;
  if (Array.isArray(value)) return value.with(step as number, put(value[step as number], rest, wanted));
  return { ...value, [step]: put(value[step], rest, wanted) };
};

/** Everything that may stand in a body: what the example shows, and what it leaves out. */
const bodiesOf = ({ body: schema, example }: RouteSpec, values: unknown[]): unknown[] => {
  const named = Object.keys((schema as unknown as { entries?: object }).entries ?? {});
  const ways = [...places(example!.body!), ...named.map((name) => [name])];
  return ways.flatMap((way) => {
    const isText = v.is(schema!, put(example!.body!, way, "any-text-at-all"));
    return values
      .filter((value) => !isText || typeof value !== "string")
      .map((value) => put(example!.body!, way, value));
  });
};

// These end what all others need.
const ending = new Set(["auth/logout", "auth/logout-everywhere"]);
const withBody = those(({ body }) => body).filter(([name]) => !ending.has(name));
test.each(withBody)("%s answers or refuses every extreme in its body", async (...route) => {
  const [, spec] = route;
  const shown = spec.example!.body as Record<string, unknown>;
  const spans =
    "from" in shown
      ? moments.flatMap((one) =>
          [moments[0]!, one, moments.at(-2)!].map((other) => ({ ...shown, from: one, to: other })),
        )
      : [];
  const wrong: unknown[] = [];
  for (const each of [...bodiesOf(spec, extremes), ...spans].filter((body) => v.is(spec.body!, body))) {
    const body = await withIds(each, world.id);
    const answer = await callRoute(app(), world, route, { body });
    if (answer.status >= 500) wrong.push([each, answer.status]);
  }
  expect(wrong).toEqual([]);
});

const atEnd: (() => void)[] = [];
afterAll(() => {
  for (const end of atEnd) end();
});

const sides: ["/agent" | "/widget", Commands][] = [
  ["/agent", agentCommands],
  ["/widget", widgetCommands],
];
test.each(sides)("every command of %s answers or refuses every extreme", async (namespace, commands) => {
  const tenant = await app().tenant({ roles: ["tenant_admin", "agent"] });
  const visitor = await app().contact(tenant);
  const { id: conversationId } = await visitor.start("hello");
  const auth =
    namespace === "/widget"
      ? { inboxKey: tenant.inbox.key, visitorToken: visitor.visitorToken }
      : { accessToken: await openSession(app().superuser, tenant, tenant.agents[0]!) };
  const options = { atEnd: (work: () => void) => atEnd.push(work) };
  const listener: Listener = await listen(app().url, namespace, auth, {
    ...options,
    ...(namespace === "/widget" && { origin: tenant.inbox.origin }),
  });
  const known = { conversationId, agentId: tenant.agents[1]!.id, departmentId: tenant.departmentId, clientId: "same" };
  const wrong: unknown[] = [];
  for (const [name, { payload }] of Object.entries(commands)) {
    const shortest = minimal(payload, { ...known, accessToken: "none" });
    const valid = name === "conversation:transfer" ? { ...shortest, departmentId: tenant.departmentId } : shortest;
    for (const { path, schema } of fieldsOf(payload).filter((field) => !isId(field.schema)))
      for (const value of taken(schema, path.at(-1), extremes)) {
        const asked = { ...(withValue(payload, valid, path, value, known) as object) };
        if (!v.is(payload, asked)) continue;
        const views = name === "conversation:list" && namespace === "/agent" ? [{}, { view: "queue" }] : [{}];
        for (const more of views) {
          const answer = await listener.ask(name, { ...asked, ...more });
          if (!answer.ok && answer.error.code === "internal") wrong.push([name, path, value]);
        }
      }
  }
  expect(wrong).toEqual([]);
});

test.each(["deleted", "archived"])(
  "nobody starts a conversation at an inbox that was %s since they came",
  async (how) => {
    const tenant = await app().tenant({ roles: ["tenant_admin"] });
    if (how === "archived") await (await app().contact(tenant)).start("hello");
    const { key, origin, id: inboxId } = tenant.inbox;
    const visitor = await listen(
      app().url,
      "/widget",
      { inboxKey: key },
      { origin, atEnd: (work) => atEnd.push(work) },
    );
    // As another node's hint that has not arrived yet.
    await app().superuser.query("DELETE FROM inbox_keys WHERE inbox_id = $1", [inboxId]);
    if (how === "deleted") await app().superuser.query("DELETE FROM inboxes WHERE id = $1", [inboxId]);
    const answer = await visitor.ask("conversation:start", { clientId: randomUUID(), body: "anybody?" });
    expect(answer).toMatchObject({ ok: false, error: { code: "not_found", retryable: false } });
  },
);

test("every route with a query or a body is tried", () => {
  expect(withQuery.length + withBody.length).toBeGreaterThan(60);
  expect(all.length).toBeGreaterThan(80);
});
