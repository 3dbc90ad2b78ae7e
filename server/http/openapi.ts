import * as accessContract from "../contract/access-routes.ts";
import { apiPrefix, routes } from "../contract/admin.ts";
import * as assignmentContract from "../contract/assignment-routes.ts";
import * as authContract from "../contract/auth-routes.ts";
import * as businessHoursContract from "../contract/business-hours-routes.ts";
import type { RouteSpec } from "../contract/define.ts";
import * as departmentContract from "../contract/department-routes.ts";
import { limits } from "../contract/entities.ts";
import * as inboxContract from "../contract/inbox-routes.ts";
import * as contract from "../contract/index.ts";
import * as peopleContract from "../contract/people-routes.ts";
import { permissions } from "../contract/permissions.ts";
import * as platformContract from "../contract/platform-routes.ts";
import * as workspaceContract from "../contract/workspace-routes.ts";
import { exampleOf } from "./openapi/example.ts";
import { byStatus, refusalName, refusalResponse, refusalsOf } from "./openapi/refusals.ts";
import { answerSchemas, type JsonSchema, namedShapes, parameterSchema, requestSchema } from "./openapi/schema.ts";

const about = `
Everything an admin's page, a customer's own server or a script may do in a Parley workspace. Conversations live on sockets;
what is here changes settings and reads what happened.

**Who asks.** An access token from \`POST /auth/login\`, or an API key, as \`Authorization: Bearer …\`. The workspace is the
one the token was issued for; a host name or an \`X-Tenant-ID\` header that names another is refused. Access tokens last
minutes; \`POST /auth/refresh\` trades the \`HttpOnly\` cookie that signing in sets for a new one.

**What comes back.** JSON. Every refusal is \`{ "error": { "code", "message", "retryable", "details"? } }\` and has changed
nothing. Lists are \`{ "data", "nextCursor" }\`: hand \`nextCursor\` back as \`cursor\` for the next page; \`null\` means there is
none. Pages don't shift when something is added meanwhile. Unknown fields and parameters are refused.

**Once.** A POST with an \`Idempotency-Key\` takes effect once: the same request with the same key is given the same answer
for a day, another request with that key is refused with \`conflict\`, and one that comes while the first is under way waits.

**Limits.** \`RateLimit\` tells what is left of the caller's allowance and \`RateLimit-Policy\` how large it is; past it comes
429 with \`Retry-After\`. A body holds at most ${limits.frameBytes / 1024} KB.
`.trim();

const component = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });
const answerHeaders = {
  "X-Request-Id": component("headers", "X-Request-Id"),
  RateLimit: component("headers", "RateLimit"),
  "RateLimit-Policy": component("headers", "RateLimit-Policy"),
};
const text = { type: "string" };

const headers = {
  "X-Request-Id": {
    description: "The request's own id, as sent or as made; logs and audit events name it.",
    schema: text,
  },
  RateLimit: { description: 'What is left, such as `"read";r=199`.', schema: text },
  "RateLimit-Policy": { description: 'How large the allowance is, such as `"read";q=200;w=7`.', schema: text },
  "Retry-After": { description: "Seconds until the same request may succeed.", schema: { type: "integer" } },
  "WWW-Authenticate": { description: "`Bearer`", schema: text },
  "Idempotency-Replayed": {
    description: "`true` where this is the answer of an earlier request with the same Idempotency-Key.",
    schema: { const: "true" },
  },
};

const sharedParameters = {
  "X-Tenant-ID": {
    name: "X-Tenant-ID",
    in: "header",
    description: "The workspace the caller means. One that disagrees with the token or the host name is refused.",
    schema: { type: "string", format: "uuid" },
  },
  "Idempotency-Key": {
    name: "Idempotency-Key",
    in: "header",
    description: "Makes the request safe to repeat: any text of 1 to 200 visible characters, best a fresh UUID.",
    schema: { type: "string", minLength: 1, maxLength: 200 },
  },
};

const securitySchemes = {
  accessToken: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "From `POST /auth/login`. It speaks for one person in one workspace.",
  },
  apiKey: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "parley_…",
    description:
      "From `POST /api-keys`. It speaks for whoever made it, with the permissions it was given and they still hold.",
  },
};

const securityOf = ({ auth, permission }: RouteSpec) => {
  const needs = permission ? [permission] : [];
  if (auth === "none") return [];
  return auth === "person" ? [{ accessToken: needs }] : [{ accessToken: needs }, { apiKey: needs }];
};

type Entries = { entries: Record<string, never> };

/** The parameters one part of a request declares. */
const parametersOf = (place: "path" | "query", schema: RouteSpec["params"], examples: Record<string, string> = {}) =>
  Object.entries((schema as unknown as Entries | undefined)?.entries ?? {}).map(([name, entry]) => ({
    name,
    in: place,
    required: place === "path" || !["optional", "nullish"].includes((entry as { type: string }).type),
    schema: parameterSchema(entry),
    ...(examples[name] !== undefined && { example: examples[name] }),
  }));

const contentOf = (spec: RouteSpec, answer: JsonSchema | undefined, find: (ref: string) => JsonSchema) => {
  if (spec.streams) return Object.fromEntries(spec.streams.map((type) => [type, { schema: text }]));
  if (!answer) return undefined;
  return { "application/json": { schema: answer, example: exampleOf(answer, find) } };
};

const operationOf = (
  [name, spec]: [string, RouteSpec],
  answer: JsonSchema | undefined,
  find: (ref: string) => JsonSchema,
) => {
  const content = contentOf(spec, answer, find);
  const refusals = [...byStatus(refusalsOf(spec))].map(
    ([status, codes]) => [String(status), component("responses", refusalName(codes))] as const,
  );
  return {
    operationId: name,
    summary: spec.summary,
    tags: [name.split("/")[0]!],
    ...(spec.permission && {
      description: `Needs the permission \`${spec.permission}\`: ${permissions[spec.permission]}.`,
      "x-permission": spec.permission,
    }),
    ...(spec.entitlement && { "x-entitlement": spec.entitlement }),
    security: securityOf(spec),
    parameters: [
      ...parametersOf("path", spec.params),
      ...parametersOf("query", spec.query, spec.example?.query),
      component("parameters", "X-Tenant-ID"),
      ...(spec.method === "POST" ? [component("parameters", "Idempotency-Key")] : []),
    ],
    ...(spec.body && {
      requestBody: {
        required: true,
        content: {
          "application/json": {
            schema: requestSchema(spec.body),
            ...(spec.example?.body && { example: spec.example.body }),
          },
        },
      },
    }),
    responses: {
      [spec.status]: {
        description: spec.status === 204 ? "Done." : spec.summary,
        headers: {
          ...answerHeaders,
          ...(spec.method === "POST" && { "Idempotency-Replayed": component("headers", "Idempotency-Replayed") }),
        },
        ...(content && { content }),
      },
      ...Object.fromEntries(refusals),
    },
  };
};

const pathOf = (path: string): string => path.replaceAll(/:(\w+)/gu, "{$1}");

/** Only the named shapes that something refers to, directly or through another. */
const used = (document: unknown, components: Record<string, JsonSchema>): Record<string, JsonSchema> => {
  const found = new Set<string>();
  const look = (part: unknown): void => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/gu)) {
      if (found.has(name!)) continue;
      found.add(name!);
      look(components[name!]);
    }
  };
  look(document);
  return Object.fromEntries(Object.entries(components).filter(([name]) => found.has(name)));
};

export type OpenApi = {
  openapi: string;
  paths: Record<string, Record<string, JsonSchema>>;
  components: { schemas: Record<string, JsonSchema>; responses: Record<string, JsonSchema> } & JsonSchema;
} & JsonSchema;

/** The OpenAPI 3.1 document of every declared route. Made of the contract alone, so it can't fall behind it. */
export const describeApi = (table: Record<string, RouteSpec> = routes): OpenApi => {
  const named = namedShapes([
    contract,
    accessContract,
    assignmentContract,
    authContract,
    businessHoursContract,
    departmentContract,
    inboxContract,
    peopleContract,
    platformContract,
    workspaceContract,
  ]);
  const entries = Object.entries(table);
  const { answers, components } = answerSchemas(
    Object.fromEntries(entries.flatMap(([name, { response }]) => (response ? [[name, response]] : []))),
    named,
  );
  const find = (ref: string) => components[ref.split("/").at(-1)!]!;
  const paths: OpenApi["paths"] = {};
  const responses: Record<string, JsonSchema> = {};
  for (const [name, spec] of entries) {
    (paths[pathOf(spec.path)] ??= {})[spec.method.toLowerCase()] = operationOf([name, spec], answers[name], find);
    for (const codes of byStatus(refusalsOf(spec)).values()) responses[refusalName(codes)] ??= refusalResponse(codes);
  }
  return {
    openapi: "3.1.0",
    info: { title: "Parley", version: "1.0.0", summary: "The REST API of Parley.", description: about },
    servers: [{ url: apiPrefix }],
    tags: [...new Set(entries.map(([name]) => name.split("/")[0]!))].map((name) => ({ name })),
    paths,
    components: {
      schemas: used({ paths, responses }, components),
      responses,
      headers,
      parameters: sharedParameters,
      securitySchemes,
    },
  };
};
