import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { routes } from "../../server/contract/admin.ts";
import type { RouteSpec } from "../../server/contract/define.ts";
import { errorCodes } from "../../server/contract/errors.ts";
import { useApp } from "../support/app.ts";
import { apiDocument, compile, faultOf, operationAt } from "../support/openapi.ts";
import { raw } from "./requests.ts";

const app = useApp();
const all = Object.entries<RouteSpec>(routes);
const operationOf = ([, spec]: (typeof all)[number]) => operationAt(spec.method, spec.path)!;
const bodyOf = (operation: any) => operation.requestBody?.content["application/json"];
const answerOf = (operation: any, status: number) => operation.responses[status].content?.["application/json"];

/** Every reference in the document, with the place it leads to. */
const references = (part: unknown): string[] => {
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === "$ref" && typeof value === "string" ? [value] : references(value),
  );
};
const follow = (ref: string) =>
  ref
    .split("/")
    .slice(1)
    .reduce((at: any, key) => at?.[key], apiDocument());

describe("the description of the API", () => {
  test("holds every declared route and nothing else, each under its own name", () => {
    const operations = Object.entries(apiDocument().paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => `${operationId}: ${method.toUpperCase()} ${path}`),
    );
    const declared = all.map(([name, { method, path }]) => `${name}: ${method} ${path.replaceAll(/:(\w+)/gu, "{$1}")}`);
    expect(operations.toSorted()).toEqual(declared.toSorted());
  });

  test("leads nowhere that is not there", () => {
    const lost = references(apiDocument()).filter((ref) => follow(ref) === undefined);
    expect(lost).toEqual([]);
  });

  test("is served to everybody, and not again to who has it", async () => {
    const first = await raw(app().url, { path: "/api/openapi.json" });
    expect(first.status).toBe(200);
    expect(first.body).toEqual(JSON.parse(JSON.stringify(apiDocument())));
    const again = await raw(app().url, {
      path: "/api/openapi.json",
      headers: { "If-None-Match": first.headers["etag"]! },
    });
    expect([again.status, again.body]).toEqual([304, undefined]);
  });

  test("shows every refusal with its code, status and retryability", () => {
    for (const response of Object.values(apiDocument().components.responses)) {
      const { schema, examples } = response["content"]["application/json"];
      const matches = compile(schema);
      for (const [code, { value }] of Object.entries<any>(examples)) {
        expect([code, matches(value)]).toEqual([code, true]);
        expect(value.error.retryable).toBe(errorCodes[code as keyof typeof errorCodes].retryable);
      }
    }
  });
});

describe.each(all)("%s", (...route) => {
  const [, spec] = route;

  test("is told with a summary, its parameters and who may ask", () => {
    const operation = operationOf(route);
    expect(operation["summary"].length).toBeGreaterThan(2);
    const inPath = operation["parameters"].flatMap((each: any) => (each.in === "path" ? [`:${each.name}`] : []));
    expect(inPath).toEqual(spec.path.match(/:\w+/gu) ?? []);
    expect(operation["security"].length > 0).toBe(spec.auth !== "none");
    expect(operation["x-permission"]).toBe(spec.permission ?? undefined);
  });

  test("tells a schema of everything that goes in and out", () => {
    const operation = operationOf(route);
    for (const { schema } of operation["parameters"].filter((each: any) => !each.$ref)) {
      expect(Object.keys(schema).length).toBeGreaterThan(0);
      compile(schema);
    }
    if (spec.body) compile(bodyOf(operation).schema);
    if (spec.response) compile(answerOf(operation, spec.status).schema);
    const types = Object.keys(operation["responses"][spec.status].content ?? {});
    expect(types).toEqual(spec.streams ?? (spec.response ? ["application/json"] : []));
  });
});

describe.each(all.filter(([, { response }]) => response))("the example of what %s answers", (...route) => {
  test("is such an answer", () => {
    const { example, schema } = answerOf(operationOf(route), route[1].status);
    const matches = compile(schema);
    expect([matches(example), matches.errors]).toEqual([true, null]);
  });
});

describe.each(all.filter(([, { body }]) => body))("the example of what %s takes", (...route) => {
  const [, spec] = route;

  test("is taken, by the description and by the contract alike", () => {
    const { example, schema } = bodyOf(operationOf(route));
    const matches = compile(schema);
    expect([matches(example), matches.errors]).toEqual([true, null]);
    expect(v.safeParse(spec.body!, example).issues).toBeUndefined();
  });

  test("is refused by both once a field misses, is of another type, or is unknown", () => {
    const { example, schema } = bodyOf(operationOf(route));
    const matches = compile(schema);
    const both = (body: unknown) => [matches(body), v.safeParse(spec.body!, body).success];
    expect(both({ ...example, surprise: 1 })).toEqual([false, false]);
    for (const key of Object.keys(example)) {
      const { [key]: _left, ...rest } = example;
      const [described, taken] = both(rest);
      expect([key, described]).toEqual([key, taken]);
      expect([key, ...both({ ...example, [key]: { surprise: [] } })]).toEqual([key, false, false]);
    }
  });
});

describe("the pages at /api/docs", () => {
  const files = ["/api/docs", "/api/docs/start.js", "/api/docs/swagger-ui.css", "/api/docs/swagger-ui-bundle.js"];

  test.each(files)("%s is served under the policy of all our pages", async (path) => {
    const { status, headers } = await raw(app().url, { path });
    expect(status).toBe(200);
    expect(headers["content-security-policy"]).toContain("script-src 'self';");
    expect(headers["x-content-type-options"]).toBe("nosniff");
  });

  test("ask no other host for anything", async () => {
    for (const path of files.slice(0, 2)) {
      const { body } = await raw(app().url, { path });
      expect(body).not.toMatch(/https?:|src="\/\//u);
    }
  });

  test("hand out nothing else of the package they come from", async () => {
    for (const path of ["/api/docs/package.json", "/api/docs/index.html", "/api/docs/..%2fpackage.json", "/api/docs/x"])
      expect((await raw(app().url, { path })).status).toBe(404);
  });

  test("can only be read", async () => {
    for (const path of ["/api/docs", "/api/openapi.json"]) {
      const answer = await raw(app().url, { method: "POST", path });
      expect([answer.status, answer.headers["allow"]]).toEqual([405, "GET, HEAD"]);
    }
  });
});

describe("an answer that is otherwise than described", () => {
  const answered = { method: "GET", path: "/plans", type: "application/json" };

  test("is noticed by its status, its type, a missing field and a field too many", async () => {
    const { status, body } = await raw(app().url, { path: "/api/v1/plans" });
    expect(faultOf({ ...answered, status, body })).toBeUndefined();
    expect(faultOf({ ...answered, status: 201, body })).toContain("not described");
    expect(faultOf({ ...answered, status, body, type: "text/html" })).toContain("not described");
    expect(faultOf({ ...answered, status, body: {} })).toContain("otherwise");
    expect(faultOf({ ...answered, status, body: { ...body, surprise: 1 } })).toContain("otherwise");
    const refused = { error: { code: "conflict", message: "No.", retryable: false } };
    expect(faultOf({ ...answered, status: 400, body: refused })).toContain("otherwise");
  });
});
