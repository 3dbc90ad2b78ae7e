import { bodyParser } from "@koa/bodyparser";
import type { Context } from "koa";
import * as v from "valibot";
import { breachOf } from "../breach.ts";
import { limits } from "../contract/entities.ts";
import { Refusal } from "../contract/errors.ts";

type Part = "params" | "query" | "body";
const nothing = v.strictObject({});
const mostIssues = 20;

/** What `schema` makes of a part of the request; without a schema the part must be empty. Throws Refusal. */
export const validate = (part: Part, schema: v.GenericSchema | undefined, value: unknown): unknown => {
  const parsed = v.safeParse(schema ?? nothing, value);
  if (parsed.success) return parsed.output;
  const issues = parsed.issues.slice(0, mostIssues).map((issue) => breachOf(issue, part));
  throw new Refusal("invalid_payload", issues[0]!, { issues });
};

const most = `${limits.frameBytes / 1024} KB`;

const parse = bodyParser({
  enableTypes: ["json"],
  jsonLimit: limits.frameBytes,
  onError: (error) => {
    if ((error as { status?: number }).status === 413)
      throw new Refusal("payload_too_large", `A body may have at most ${most}.`);
    throw new Refusal("invalid_payload", "The body is not valid JSON.");
  },
});

/**
 * The body of a request, which must be a plain JSON object; `{}` where there is none. Too large a body is refused by its
 * announced length before it is read, or else where it passes the limit. Throws Refusal.
 */
export const readBody = async (ctx: Context): Promise<unknown> => {
  const absent = ctx.request.length === 0 || (ctx.request.length === undefined && !ctx.get("Transfer-Encoding"));
  if (absent) return {};
  // Unpacking would let a small request become a large one.
  if (!["", "identity"].includes(ctx.get("Content-Encoding").toLowerCase()))
    throw new Refusal("invalid_payload", "Compressed bodies are not accepted; send plain JSON.");
  if (!ctx.is("application/json"))
    throw new Refusal("invalid_payload", "The body must be JSON, sent with `Content-Type: application/json`.");
  await parse(ctx, async () => {});
  const { body } = ctx.request;
  if (Array.isArray(body)) throw new Refusal("invalid_payload", "The body must be a JSON object.");
  return body;
};
