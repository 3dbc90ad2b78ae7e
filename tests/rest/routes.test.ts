import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { routes } from "../../server/contract/admin.ts";
import type { RouteSpec } from "../../server/contract/define.ts";
import { builtInRoles } from "../../server/contract/permissions.ts";
import type { Role } from "../../server/contract/permissions.ts";
import { useApp } from "../support/app.ts";
import type { TestTenant } from "../support/tenant.ts";
import { ask, raw, refusalOf, tokenFor } from "./requests.ts";
import type { Raw } from "./requests.ts";

type Name = keyof typeof routes;

/** A body each route would take; a route with a body that is missing here fails its tests. */
const bodies: Partial<Record<Name, object>> = {
  "auth/login": { email: "somebody@somewhere.test", password: "something" },
  "message/send": { clientId: "client-1", body: "hello" },
  "conversation/assign": {},
  "conversation/resolve": {},
  "conversation/reopen": {},
};

const all = Object.entries<RouteSpec>(routes) as [Name, RouteSpec][];
const those = (fits: (spec: RouteSpec) => unknown) => all.filter(([, spec]) => fits(spec));

const app = useApp();
let tenant: TestTenant;
let foreign: { conversationId: string };
let own: { conversationId: string };
let token: string;

beforeAll(async () => {
  tenant = await app().tenant({ roles: ["tenant_admin"] });
  const other = await app().tenant();
  [foreign, own] = (await Promise.all(
    [other, tenant].map(async (where) => {
      const contact = await app().contact(where);
      return { conversationId: (await contact.start("hello")).id };
    }),
  )) as [{ conversationId: string }, { conversationId: string }];
  token = await tokenFor(app(), tenant);
});

const pathOf = ({ path }: RouteSpec, params: Record<string, string> = own) =>
  path.replace(/:(\w+)/gu, (_whole, name: string) => params[name]!);

const asking = (
  [name, spec]: [Name, RouteSpec],
  options: {
    params?: Record<string, string>;
    query?: string;
    body?: unknown;
    token?: string | undefined;
    headers?: Record<string, string>;
  } = {},
): Promise<Raw> =>
  ask(app().url, spec.method, `${pathOf(spec, options.params)}${options.query ?? ""}`, {
    token: "token" in options ? options.token : token,
    body: "body" in options ? options.body : bodies[name],
    ...(options.headers && { headers: options.headers }),
  });

test("every route with a body has a sample in this file", () => {
  expect(Object.keys(bodies).toSorted()).toEqual(
    those(({ body }) => body)
      .map(([name]) => name)
      .toSorted(),
  );
});

describe.each(those(({ auth }) => auth === "agent"))("%s needs an access token:", (...route) => {
  test("none is refused", async () =>
    expect(refusalOf(await asking(route, { token: undefined }))).toEqual([401, "unauthenticated"]));

  test("a made-up one, a visitor's, and one signed by others are refused", async () => {
    const visitor = app().app.node.tokens.signVisitor({ sub: randomUUID(), tid: tenant.id, inb: tenant.inbox.id });
    const [head, body] = token.split(".");
    for (const forged of ["nonsense", visitor, `${head}.${body}.${"A".repeat(43)}`, `${head}.${body}.`])
      expect(refusalOf(await asking(route, { token: forged }))).toEqual([401, "unauthenticated"]);
  });

  test("one that belongs to another workspace than X-Tenant-ID is refused", async () => {
    const answer = await asking(route, { headers: { "X-Tenant-ID": randomUUID() } });
    expect(refusalOf(answer)).toEqual([403, "permission_denied"]);
  });
});

test.each(all)("%s refuses an unknown query parameter", async (...route) => {
  expect(refusalOf(await asking(route, { query: "?surprise=1" }))).toEqual([400, "invalid_payload"]);
});

test.each(those(({ query }) => query))("%s refuses a query parameter given twice", async (...route) => {
  expect(refusalOf(await asking(route, { query: "?limit=1&limit=2" }))).toEqual([400, "invalid_payload"]);
});

test.each(those(({ params }) => params))("%s refuses an id that is none", async (...route) => {
  for (const conversationId of ["7", "%00", "..%2f..", `${own.conversationId}'`])
    expect(refusalOf(await asking(route, { params: { conversationId } }))).toEqual([400, "invalid_payload"]);
});

describe.each(those(({ body }) => body))("the body of %s:", (...route) => {
  const sample = bodies[route[0]]!;

  test("an unknown field is refused", async () => {
    expect(refusalOf(await asking(route, { body: { ...sample, surprise: 1 } }))).toEqual([400, "invalid_payload"]);
  });

  test("what is no object is refused", async () => {
    for (const body of [[], [sample], "text", 7, null, true])
      expect(refusalOf(await asking(route, { body }))).toEqual([400, "invalid_payload"]);
  });

  test("every field of a wrong type is refused", async () => {
    for (const field of Object.keys(sample)) {
      for (const wrong of [{}, [], 7, null, "lone \uD800 surrogate", "with \0 inside", ""])
        expect(refusalOf(await asking(route, { body: { ...sample, [field]: wrong } }))).toEqual([
          400,
          "invalid_payload",
        ]);
    }
  });
});

describe.each(those(({ params }) => params))("%s keeps to its tenant:", (...route) => {
  test("another tenant's conversation and one that does not exist are answered alike", async () => {
    const [theirs, nobodys] = [
      await asking(route, { params: foreign }),
      await asking(route, { params: { conversationId: randomUUID() } }),
    ];
    expect(refusalOf(theirs)).toEqual([404, "not_found"]);
    expect(theirs.body).toEqual(nobodys.body);
  });
});

/** Roles without the right a route asks for. */
const tooSmall = all.flatMap(([name, spec]) =>
  (Object.keys(builtInRoles) as Role[])
    .filter((role) => spec.permission && !(builtInRoles[role] as string[]).includes(spec.permission))
    .map((role) => [name, role, spec] as const),
);

test.each(tooSmall)(
  "%s is denied to a %s, who could see the conversation, and changes nothing",
  async (name, role, spec) => {
    const small = await app().tenant({ roles: [role] });
    const contact = await app().contact(small);
    const { id: conversationId } = await contact.start("hello");
    const look = async () =>
      (await app().superuser.query("SELECT to_jsonb(c) AS c FROM conversations c WHERE id = $1", [conversationId]))
        .rows;
    const before = await look();
    const answer = await asking([name, spec], { params: { conversationId }, token: await tokenFor(app(), small) });
    expect(refusalOf(answer)).toEqual([403, "permission_denied"]);
    expect(await look()).toEqual(before);
  },
);

describe("methods", () => {
  const paths = [...new Set(all.map(([, { path }]) => path))];

  test.each(paths)("%s says which methods it takes", async (path) => {
    const declared = new Set<string>(those((spec) => spec.path === path).map(([, { method }]) => method));
    const spec = all.find(([, each]) => each.path === path)![1];
    for (const method of ["PUT", "PATCH", "DELETE", declared.has("GET") ? "POST" : "GET"]) {
      const answer = await raw(app().url, { method, path: `/api/v1${pathOf(spec)}` });
      expect(refusalOf(answer)).toEqual([405, "not_found"]);
      const allowed = answer.headers["allow"]!.split(", ");
      expect(allowed.filter((each) => each !== "HEAD").toSorted()).toEqual([...declared].toSorted());
    }
  });
});

describe("with limits at zero", () => {
  const limited = useApp({ RATE_LIMIT_FACTOR: "0" });

  test.each(all)("%s is held back, with the time to wait", async (name, spec) => {
    const where = await limited().tenant({ roles: ["tenant_admin"] });
    const answer = await ask(limited().url, spec.method, pathOf(spec), {
      token: await tokenFor(limited(), where),
      body: bodies[name],
    });
    expect(refusalOf(answer)).toEqual([429, "rate_limited"]);
    expect(answer.body.error.retryable).toBe(true);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect(answer.headers["ratelimit"]).toMatch(/^"\w+";r=0;t=\d+$/u);
  });
});
