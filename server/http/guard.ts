import type { Context, Middleware } from "koa";
import type * as v from "valibot";
import type { AgentCtx, Node } from "../context.ts";
import type { RouteSpec } from "../contract/define.ts";
import { Refusal } from "../contract/errors.ts";
import type { Visit } from "../features/auth/session.ts";
import { accessAgent, type AgentSession } from "../features/session/access.ts";
import type { Limiter } from "../limits.ts";
import { checkEntitlement } from "../realtime/entitlement.ts";
import { stateOf } from "./hygiene.ts";
import { refuseForeignOrigin } from "./origin.ts";
import { readBody, validate } from "./validate.ts";

type OutputOf<R, Part extends string> = [R] extends [{ [P in Part]: infer S extends v.GenericSchema<any, any> }]
  ? v.InferOutput<S>
  : Record<string, never>;

/** The context of a REST action: an agent's, in a tenant that is known with its slug. */
export type RestCtx = AgentCtx & { tenant: AgentSession["tenant"] };

/** What a handler gets: the parts of the request as its route declares them. `ctx` where the route asks for a token. */
export type Call<R> = {
  koa: Context;
  visit: Visit;
  ctx: [R] extends [{ auth: "agent" }] ? RestCtx : undefined;
  params: OutputOf<R, "params">;
  query: OutputOf<R, "query">;
  body: OutputOf<R, "body">;
};
export type Answer<R> = [R] extends [{ response: infer S extends v.GenericSchema<any, any> }] ? v.InferOutput<S> : void;
export type RouteHandler<R> = (call: Call<R>) => Promise<Answer<R>>;

const longestToken = 4_000;

/** The agent an access token speaks for, in the tenant it was issued for and no other. Throws Refusal. */
const authenticate = async (koa: Context, node: Node, visit: Visit): Promise<RestCtx> => {
  const [, token] = /^Bearer ([^\s]+)$/iu.exec(koa.get("Authorization")) ?? [];
  if (token === undefined || token.length > longestToken)
    throw new Refusal("unauthenticated", "Please sign in: an access token is needed.", { reason: "missing" });
  const { tenant, actor } = await accessAgent(node, node.tokens.checkAccess(token));
  const named = koa.get("X-Tenant-ID");
  if (named !== "" && named.toLowerCase() !== tenant.id)
    throw new Refusal("permission_denied", "The access token belongs to another workspace than `X-Tenant-ID` names.");
  const { log, requestId, address } = visit;
  return { tenant, actor, node, log, requestId, address };
};

/** Takes one token of the caller's bucket and tells what is left. Routes that ask for no token count by address. */
const limit = (koa: Context, limiter: Limiter, limitClass: RouteSpec["limit"], key: string): void => {
  const buckets = limiter.bucketsOf(key);
  const bucket = limitClass === "auth" ? "handshake" : limitClass;
  const wait = limiter.take(bucket, buckets);
  const left = Math.floor(buckets.get(bucket)?.tokens ?? 0);
  koa.set("RateLimit", `"${limitClass}";r=${left}${wait > 0 ? `;t=${Math.ceil(wait / 1_000)}` : ""}`);
  if (wait > 0)
    throw new Refusal("rate_limited", "That was too much at once. Please slow down.", { retryAfterMs: wait });
};

/**
 * The one door of every route, cheapest question first: origin, limit, token, permission, parts of the request,
 * entitlement; then the action, and the status its route declares.
 */
export const guard =
  (node: Node, limiter: Limiter, spec: RouteSpec, handler: RouteHandler<any>): Middleware =>
  async (koa) => {
    const state = stateOf(koa);
    const device = koa.get("User-Agent").slice(0, 200) || undefined;
    const visit: Visit = { requestId: state.requestId, address: koa.ip, device, log: state.log };
    koa.set("Cache-Control", "no-store");
    if (spec.path.startsWith("/auth/")) refuseForeignOrigin(koa, node.config);
    let ctx: RestCtx | undefined;
    if (spec.auth === "agent") {
      ctx = await authenticate(koa, node, visit);
      state.tenantId = ctx.tenant.id;
      state.actorId = ctx.actor.id;
    }
    limit(koa, limiter, spec.limit, ctx ? `${ctx.tenant.id}:${ctx.actor.id}` : `address:${visit.address}`);
    if (spec.permission && !ctx?.actor.permissions.has(spec.permission))
      throw new Refusal("permission_denied", `Your role does not include ${spec.permission}.`);
    const params = validate("params", spec.params, koa["params"]);
    const query = validate("query", spec.query, { ...koa.query });
    const body = spec.body && validate("body", spec.body, await readBody(koa));
    if (spec.entitlement && ctx) checkEntitlement(ctx, spec.entitlement);
    const answer: unknown = await handler({ koa, visit, ctx, params, query, body } as Call<any>);
    koa.status = spec.status;
    koa.body = spec.response === null ? null : answer;
  };
