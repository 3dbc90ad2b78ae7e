import { randomUUID } from "node:crypto";
import jwt from "jsonwebtoken";
import * as v from "valibot";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { RouteSpec } from "../../server/contract/define.ts";
import { useApp } from "../support/app.ts";
import { apiDocument } from "../support/openapi.ts";
import { raw, refusalOf } from "./requests.ts";
import { all, callRoute, createWorld, parametersOf, type Route, snapshot, those, type World } from "./routes-world.ts";
import type { Asking } from "./routes-world.ts";

const app = useApp({ RATE_LIMIT_FACTOR: "1000" });
// Some of these send hundreds of requests, on a machine that may do much else.
vi.setConfig({ testTimeout: 90_000 });
let world: World;
let before: string;

const look = () => snapshot(app(), [world.tenant.id]);
const asking = (route: Route, options: Asking = {}) => callRoute(app(), world, route, options);

beforeAll(async () => {
  world = await createWorld(app());
  // All that the paths name is made first: from then on nothing below may change anything.
  await world.settle();
  before = await look();
});

const bad = [400, "invalid_payload"];

describe.each(those(({ auth }) => auth !== "none"))("%s needs an access token:", (...route) => {
  test("none is refused", async () =>
    expect(refusalOf(await asking(route, { token: undefined }))).toEqual([401, "unauthenticated"]));

  test("made-up ones, a visitor's, and ones signed by others or for others are refused", async () => {
    const visitor = app().app.node.tokens.signVisitor(
      {
        sub: randomUUID(),
        tid: world.tenant.id,
        inb: world.tenant.inbox.id,
      },
      world.tenant.inbox.origin,
    );
    const token = await world.tokenOf(route[1]);
    const [head, body] = token.split(".");
    const claims = jwt.decode(token) as object;
    const none = jwt.sign(claims, "", { algorithm: "none" });
    const elsewhere = jwt.sign({ ...claims, aud: "somewhere-else" }, "x".repeat(32), { keyid: "x" });
    const forged = [visitor, `${head}.${body}.${"A".repeat(43)}`, `${head}.${body}.`, none, elsewhere];
    for (const each of [...forged, "nonsense", `parley_${"A".repeat(87)}`])
      expect(refusalOf(await asking(route, { token: each }))).toEqual([401, "unauthenticated"]);
  });

  test("one that belongs to another workspace than X-Tenant-ID is refused", async () => {
    const answer = await asking(route, { headers: { "X-Tenant-ID": randomUUID() } });
    expect(refusalOf(answer)).toEqual([403, "permission_denied"]);
  });
});

describe("a query", () => {
  test.each(all)("to %s holds no unknown parameter", async (...route) => {
    expect(refusalOf(await asking(route, { query: "?surprise=1" }))).toEqual(bad);
  });

  const odd = [
    "",
    " ",
    "nonsense",
    "-1",
    "0",
    "1.5",
    "1e3",
    "99999999999999999999",
    "null",
    "\u0000",
    "x".repeat(3_000),
  ];
  const fields = those(({ query }) => query).flatMap(([name, spec]) =>
    Object.keys((spec.query as unknown as { entries: object }).entries).map((field) => [name, field, spec] as const),
  );

  test.each(fields)("to %s holds one well-formed %s", async (name, field, spec) => {
    expect(refusalOf(await asking([name, spec], { query: `?${field}=1&${field}=2` }))).toEqual(bad);
    const wrong = odd.filter((value) => !v.safeParse(spec.query!, { [field]: value }).success);
    expect(wrong.length).toBeGreaterThan(0);
    for (const value of wrong) {
      const answer = await asking([name, spec], { query: `?${field}=${encodeURIComponent(value)}` });
      expect([value, ...refusalOf(answer)]).toEqual([value, ...bad]);
    }
  });
});

describe("an id in the path", () => {
  const places = those(({ params }) => params).flatMap(([name, spec]) =>
    parametersOf(spec).map((place) => [name, place, spec] as const),
  );

  test.each(places)("of %s as %s is refused where it is none", async (name, place, spec) => {
    const ids = await world.idsOf(spec);
    for (const odd of ["7", "%00", "..%2f..", `${ids[place]}'`, "%F0%9F%98%80", "%", "x".repeat(500)]) {
      const answer = await asking([name, spec], { params: { ...ids, [place]: odd } });
      expect([odd, 400, 404]).toContain(refusalOf(answer)[0]);
    }
  });
});

/** The example with one place in it changed, for every place at any depth; of a list its first. */
const mutations = (value: unknown, wrong: unknown): unknown[] => {
  if (Array.isArray(value)) return [wrong, ...mutations(value[0], wrong)].map((changed) => value.with(0, changed));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, held]) =>
    [wrong, ...mutations(held, wrong)].map((changed) => ({ ...value, [key]: changed })),
  );
};

const wrongs = [
  {},
  [],
  [[]],
  7,
  -1,
  1.5,
  null,
  true,
  "",
  " ",
  "lone \uD800 surrogate",
  "with \0 inside",
  "x".repeat(20_000),
  { a: 1 },
];

describe.each(those(({ body }) => body))("the body of %s:", (...route) => {
  const [, spec] = route;
  const example = spec.example!.body!;

  test("an unknown field is refused, at any depth", async () => {
    const places = [{ ...example, surprise: 1 }, ...mutations(example, { surprise: 1 })];
    for (const body of places.filter((each) => !v.safeParse(spec.body!, each).success))
      expect(refusalOf(await asking(route, { body }))).toEqual(bad);
    expect(v.safeParse(spec.body!, places[0]).success).toBe(false);
  });

  test("what is no object is refused", async () => {
    for (const body of [[], [example], "text", 7, null, true])
      expect(refusalOf(await asking(route, { body }))).toEqual(bad);
  });

  test("every field of a wrong type or size is refused, at any depth", async () => {
    for (const wrong of wrongs) {
      const bodies = mutations(example, wrong).filter((each) => !v.safeParse(spec.body!, each).success);
      const answers = await Promise.all(bodies.map((body) => asking(route, { body })));
      expect(answers.map(refusalOf)).toEqual(bodies.map(() => bad));
    }
  });

  test("every field that must be there is missed", async () => {
    for (const key of Object.keys(example)) {
      const { [key]: _left, ...body } = example;
      if (v.safeParse(spec.body!, body).success) continue;
      const answer = await asking(route, { body });
      expect(refusalOf(answer)).toEqual(bad);
      expect(answer.body.error.message).toContain(`body.${key}`);
    }
  });
});

const withoutBody = those(({ body, method }) => !body && ["POST", "PUT", "PATCH"].includes(method));

test.each(withoutBody)("%s takes no body and refuses one", async (...route) => {
  for (const body of [{ surprise: 1 }, [], "text", 7]) expect(refusalOf(await asking(route, { body }))).toEqual(bad);
});

test("nothing of all this changed anything", async () => {
  expect(await look()).toBe(before);
});

describe("methods", () => {
  const paths = [...new Set(all.map(([, { path }]) => path))];
  const matches = (pattern: string, path: string) =>
    new RegExp(`^${pattern.replaceAll(/:\w+/gu, "[^/]+")}$`, "u").test(path);

  test.each(paths)("%s says which methods it takes", async (path) => {
    const [, spec] = all.find(([, each]) => each.path === path)!;
    const ids = await world.idsOf(spec);
    const asked = path.replaceAll(/:(\w+)/gu, (_whole, name: string) => ids[name]!);
    // A fixed path may also be one with a parameter.
    const declared = new Set<string>(those((each) => matches(each.path, asked)).map(([, { method }]) => method));
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"].filter((each) => !declared.has(each))) {
      const answer = await raw(app().url, { method, path: `/api/v1${asked}` });
      expect(refusalOf(answer)).toEqual([405, "not_found"]);
      const allowed = answer.headers["allow"]!.split(", ");
      expect(allowed.filter((each) => each !== "HEAD").toSorted()).toEqual([...declared].toSorted());
    }
  });
});

describe("with limits at zero", () => {
  const limited = useApp({ RATE_LIMIT_FACTOR: "0" });

  test.each(all)("%s is held back, with the time to wait", async (...route) => {
    const [, spec] = route;
    const tenant = await limited().tenant({ roles: ["tenant_admin"] });
    const { tokenFor } = await import("./requests.ts");
    const token = await tokenFor(limited(), tenant);
    const params = Object.fromEntries(parametersOf(spec).map((name) => [name, randomUUID()]));
    const answer = await callRoute(limited(), world, route, { params, token, body: spec.example?.body });
    expect(refusalOf(answer)).toEqual([429, "rate_limited"]);
    expect(answer.body.error.retryable).toBe(true);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect(answer.headers["ratelimit"]).toMatch(/^"\w+";r=0;t=\d+$/u);
    expect(answer.headers["ratelimit-policy"]).toMatch(/^"\w+";q=0;w=\d+$/u);
  });
});

test("an allowance is told with its size, and shrinks", async () => {
  const route = all.find(([name]) => name === "me")!;
  const left = ({ headers }: { headers: Record<string, unknown> }) =>
    Number(/^"read";r=(\d+)$/u.exec(String(headers["ratelimit"]))![1]);
  const first = await asking(route);
  expect(first.headers["ratelimit-policy"]).toBe('"read";q=200000;w=7');
  expect(left(await asking(route))).toBeLessThanOrEqual(left(first));
});

test("every route that is declared is described, so that whoever loops over the description misses none", () => {
  const described = Object.values(apiDocument().paths).flatMap((methods) => Object.values(methods));
  expect(described).toHaveLength((all as [string, RouteSpec][]).length);
});
