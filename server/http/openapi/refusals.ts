import type { RouteSpec } from "../../contract/define.ts";
import { type ErrorCode, errorCodes } from "../../contract/errors.ts";
import type { JsonSchema } from "./schema.ts";

/** What a refusal means, and a sentence such as it carries. */
const told: Record<ErrorCode, { meaning: string; sentence: string }> = {
  invalid_payload: { meaning: "The request is not as described here.", sentence: "body.email: is missing" },
  unauthenticated: {
    meaning: "Nobody is signed in, or no longer.",
    sentence: "Please sign in: an access token is needed.",
  },
  permission_denied: {
    meaning: "The role does not include this, or the token belongs to another workspace than the request names.",
    sentence: "Your role does not include conversation.assign.",
  },
  not_found: { meaning: "It does not exist in this workspace.", sentence: "There is no such conversation." },
  conflict: {
    meaning: "The current state does not allow it, or the Idempotency-Key was used for another request.",
    sentence: "Somebody else was faster. Please look at the current state and try again.",
  },
  rate_limited: { meaning: "Too much at once.", sentence: "That was too much at once. Please slow down." },
  limit_exceeded: {
    meaning: "The plan does not include this, or no more of it.",
    sentence: "Your plan does not include this. Pro does.",
  },
  payload_too_large: { meaning: "The body is too large.", sentence: "A body may have at most 64 KB." },
  read_only: {
    meaning: "It can be read, and no longer changed.",
    sentence: "An archived conversation can't be changed.",
  },
  unavailable: {
    meaning: "Something the server needs can't be reached right now.",
    sentence: "The service can't be reached right now. Please try again.",
  },
  internal: { meaning: "A fault of ours.", sentence: "Something went wrong on our side." },
};

/** Whether the guard reads a body. */
export const takesBody = ({ method, body }: Pick<RouteSpec, "method" | "body">): boolean =>
  body !== undefined || method === "POST" || method === "PUT" || method === "PATCH";

/** Every refusal a route may answer: what the guard asks of its kind, and what its action adds. */
export const refusalsOf = (spec: RouteSpec): ErrorCode[] => {
  const kinds: [boolean, ErrorCode[]][] = [
    [true, ["invalid_payload", "permission_denied", "rate_limited", "unavailable", "internal"]],
    [spec.auth !== "none", ["unauthenticated"]],
    [spec.params !== undefined, ["not_found"]],
    [spec.method === "POST", ["conflict"]],
    [takesBody(spec), ["payload_too_large"]],
    // An API key is refused so where the plan no longer includes API keys.
    [spec.entitlement !== null || spec.auth === "agent", ["limit_exceeded"]],
    [true, [...(spec.errors ?? [])]],
  ];
  const codes = new Set(kinds.flatMap(([applies, refusals]) => (applies ? refusals : [])));
  return (Object.keys(errorCodes) as ErrorCode[]).filter((code) => codes.has(code));
};

const headersOf = (status: number): JsonSchema => ({
  "X-Request-Id": { $ref: "#/components/headers/X-Request-Id" },
  ...((status === 429 || status === 503) && { "Retry-After": { $ref: "#/components/headers/Retry-After" } }),
  ...(status === 401 && { "WWW-Authenticate": { $ref: "#/components/headers/WWW-Authenticate" } }),
});

/** The name of the component that describes these refusals of one status. */
export const refusalName = (codes: ErrorCode[]): string => codes.join("-or-");

/** The response of one status: which of its codes may come, each with an example. */
export const refusalResponse = (codes: ErrorCode[]): JsonSchema => ({
  description: codes.map((code) => `\`${code}\`: ${told[code].meaning}`).join("\n\n"),
  headers: headersOf(errorCodes[codes[0]!].status),
  content: {
    "application/json": {
      schema: {
        type: "object",
        required: ["error"],
        properties: {
          error: {
            allOf: [{ $ref: "#/components/schemas/ErrorBody" }, { properties: { code: { enum: codes } } }],
          },
        },
      },
      examples: Object.fromEntries(
        codes.map((code) => {
          const { retryable } = errorCodes[code];
          return [code, { value: { error: { code, message: told[code].sentence, retryable } } }];
        }),
      ),
    },
  },
});

/** A route's refusals by HTTP status. */
export const byStatus = (codes: ErrorCode[]): Map<number, ErrorCode[]> => {
  const groups = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = errorCodes[code];
    groups.set(status, [...(groups.get(status) ?? []), code]);
  }
  return new Map([...groups].toSorted(([one], [other]) => one - other));
};
