import { createHash } from "node:crypto";
import type { Context } from "koa";
import { networkOf } from "../client-address.ts";
import type { AgentCtx, Node } from "../context.ts";
import type { RouteSpec } from "../contract/define.ts";
import { Refusal } from "../contract/errors.ts";
import type { Once } from "../features/idempotency/mark.ts";
import { noTenant, once } from "../features/idempotency/once.ts";

const wellFormed = /^[\u0021-\u007e]{1,200}$/u;

/** The request's Idempotency-Key where its method takes one. Throws Refusal for one that is none. */
const keyOf = (koa: Context, { method }: RouteSpec): string | undefined => {
  const key = koa.get("Idempotency-Key");
  if (method !== "POST" || key === "") return undefined;
  if (!wellFormed.test(key))
    throw new Refusal("invalid_payload", "An Idempotency-Key has 1 to 200 visible ASCII characters.");
  return key;
};

/** Who asks: keys of different callers never meet. Nobody in particular is told apart by address. */
const callerOf = (koa: Context, ctx: AgentCtx | undefined): string =>
  ctx ? [ctx.actor.id, ctx.actor.via?.id].filter(Boolean).join(":") : `address:${koa.ip}`;

/** The key of a request with `Idempotency-Key`, as it is marked in the transaction that carries the request out. */
export const onceOf = (koa: Context, spec: RouteSpec, ctx: AgentCtx | undefined): Once | undefined => {
  const key = keyOf(koa, spec);
  if (key === undefined) return undefined;
  const scope = `${callerOf(koa, ctx)} ${spec.method} ${spec.path}`;
  return { tenantId: ctx?.tenant.id ?? noTenant, scope, key, taken: false };
};

// Where no token is asked for, the refresh cookie may be the credential: without it another's answer could be replayed.
const cookiesOf = (koa: Context, { auth }: RouteSpec): string[] =>
  auth === "none" ? (koa.get("Cookie").match(/parley_refresh[^=;]*=[^;]*/gu) ?? []) : [];

/** Keys of people nobody knows leave rows too. Throws Refusal `rate_limited`. */
const ensureFewKeys = async (koa: Context, { sharedLimits }: Node): Promise<void> => {
  const wait = await sharedLimits.take({ of: "keysOfAddress", key: [networkOf(koa.ip)] });
  if (wait > 0)
    throw new Refusal("rate_limited", "Too many requests with an Idempotency-Key came from your address.", {
      retryAfterMs: wait,
    });
};

type Parts = { params: unknown; query: unknown; body: unknown };

/**
 * Answers a POST once: `run` is carried out, or what it answered before is answered again, refusals and cookies
 * included. Gives the body of the answer. Throws Refusal.
 */
export const answerOnce = async (
  koa: Context,
  node: Node,
  spec: RouteSpec,
  { tenantId, scope, key }: Once,
  parts: Parts,
  run: () => Promise<unknown>,
): Promise<unknown> => {
  if (tenantId === noTenant) await ensureFewKeys(koa, node);
  const content = createHash("sha256")
    .update(JSON.stringify([parts.params, parts.query, parts.body, cookiesOf(koa, spec)]))
    .digest("base64url");
  const cookies = () => [koa.response.get("Set-Cookie")].flat().filter(Boolean);
  const { answer, replayed } = await once(node, { tenantId, scope, key, content }, async () => {
    const body = (await run()) ?? null;
    return { status: spec.status, body, cookies: cookies() };
  });
  if (replayed) koa.set("Idempotency-Replayed", "true");
  if ("refusal" in answer) throw new Refusal(answer.refusal.code, answer.refusal.message, answer.refusal.details);
  if (replayed) for (const cookie of answer.cookies) koa.append("Set-Cookie", cookie);
  return answer.body;
};
