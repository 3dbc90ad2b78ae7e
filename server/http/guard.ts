import type { Context, Middleware } from "koa";
import type * as v from "valibot";
import { networkOf } from "../client-address.ts";
import { type Node, refuseImpersonator } from "../context.ts";
import type { RouteSpec } from "../contract/define.ts";
import { Refusal } from "../contract/errors.ts";
import type { Visit } from "../features/auth/session.ts";
import type { Buckets, Limiter } from "../limits.ts";
import { readerOf } from "../read-budget.ts";
import { checkEntitlement } from "../realtime/entitlement.ts";
import { agreeOnTenant, authenticate, type RestCtx } from "./authenticate.ts";
import { stateOf } from "./hygiene.ts";
import { answerOnce, onceOf } from "./idempotency.ts";
import { takesBody } from "./openapi/refusals.ts";
import { closeToOthers, isForOwnPages, refuseForeignOrigin } from "./origin.ts";
import type { TenantHosts } from "./tenant-host.ts";
import { readBody, validate } from "./validate.ts";

export type { RestCtx } from "./authenticate.ts";

type OutputOf<R, Part extends string> = [R] extends [{ [P in Part]: infer S extends v.GenericSchema<any, any> }]
  ? v.InferOutput<S>
  : Record<string, never>;

/** What a handler gets: the parts of the request as its route declares them. `ctx` where the route asks for a token. */
export type Call<R> = {
  koa: Context;
  visit: Visit;
  ctx: [R] extends [{ auth: "none" }] ? undefined : RestCtx;
  params: OutputOf<R, "params">;
  query: OutputOf<R, "query">;
  body: OutputOf<R, "body">;
};
export type Answer<R> = [R] extends [{ response: infer S extends v.GenericSchema<any, any> }] ? v.InferOutput<S> : void;
/** Handlers for a table of routes: one that misses, or answers something else, does not compile. */
export type HandlersOf<T> = { [K in keyof T]: RouteHandler<T[K]> };
export type RouteHandler<R> = (call: Call<R>) => Promise<Answer<R>>;

const readOnlySentence = "You are looking at this workspace as one of its members, so you can't change anything.";

/** Takes one token of the caller's buckets and tells what is left. Routes that ask for no token count by address. */
const limit = (koa: Context, limiter: Limiter, limitClass: RouteSpec["limit"], buckets: Buckets): void => {
  const bucket = limitClass === "auth" ? "handshake" : limitClass;
  const wait = limiter.take(bucket, buckets);
  const left = limiter.leftOf(bucket, buckets);
  const { quota, seconds } = limiter.policyOf(bucket, buckets.scope);
  koa.set("RateLimit-Policy", `"${limitClass}";q=${quota};w=${seconds}`);
  koa.set("RateLimit", `"${limitClass}";r=${left}${wait > 0 ? `;t=${Math.ceil(wait / 1_000)}` : ""}`);
  if (wait > 0)
    throw new Refusal("rate_limited", "That was too much at once. Please slow down.", { retryAfterMs: wait });
};

// Whoever only looks may still go.
const changesNothing = ({ method, path }: RouteSpec) => method === "GET" || path === "/auth/logout";

/** Whether the caller may use the route at all. Throws `permission_denied`. */
const permit = ({ actor }: RestCtx, spec: RouteSpec): void => {
  if (actor.via && spec.auth === "person")
    throw new Refusal("permission_denied", "Only the person it belongs to may do this.");
  if (actor.readOnly && !changesNothing(spec)) throw new Refusal("permission_denied", readOnlySentence);
  refuseImpersonator(actor, spec);
  if (spec.permission && !actor.permissions.has(spec.permission))
    throw new Refusal("permission_denied", `Your role does not include ${spec.permission}.`);
};

type Parts = { node: Node; limiter: Limiter; hosts: TenantHosts };

/**
 * The one door of every route, cheapest question first: origin, limit, token, workspace, permission, parts of the request,
 * entitlement; then the action, once where a key says so, and the status its route declares.
 */
export const guard =
  ({ node, limiter, hosts }: Parts, spec: RouteSpec, handler: RouteHandler<any>): Middleware =>
  async (koa) => {
    const state = stateOf(koa);
    const device = koa.get("User-Agent").slice(0, 200) || undefined;
    const visit: Visit = { requestId: state.requestId, address: koa.ip, device, log: state.log };
    koa.set("Cache-Control", "no-store");
    if (isForOwnPages(spec)) refuseForeignOrigin(koa, node.config);
    const spend = (key: string) => limit(koa, limiter, spec.limit, limiter.bucketsOf(key));
    if (spec.auth === "none")
      limit(koa, limiter, spec.limit, limiter.bucketsOf(`address:${networkOf(visit.address)}`, "address"));
    const ctx = spec.auth === "none" ? undefined : await authenticate(koa, { node, limiter }, visit, spend);
    if (ctx) {
      Object.assign(state, { tenantId: ctx.tenant.id, actorId: ctx.actor.id });
      closeToOthers(koa, ctx.tenant.id);
    }
    const named = await agreeOnTenant(koa, hosts, ctx?.tenant);
    if (named) visit.named = named;
    if (ctx) permit(ctx, spec);
    const params = validate("params", spec.params, koa["params"]);
    const query = validate("query", spec.query, { ...koa.query });
    const body = takesBody(spec) ? validate("body", spec.body, await readBody(koa)) : undefined;
    if (ctx) refuseImpersonator(ctx.actor, spec, body);
    if (spec.entitlement && ctx) checkEntitlement(ctx, spec.entitlement);
    const once = onceOf(koa, spec, ctx);
    const act = (): Promise<unknown> =>
      handler({ koa, visit, ctx: ctx && once ? { ...ctx, once } : ctx, params, query, body } as Call<any>);
    const isReading = spec.limit === "read" || spec.reads;
    const run = () => (ctx && isReading ? node.readBudget.run(readerOf(ctx), act) : act());
    const answer = once ? await answerOnce(koa, node, spec, once, { params, query, body }, run) : await run();
    // What streams its answer has put it there itself.
    if (spec.streams) return;
    koa.status = spec.status;
    koa.body = spec.response === null ? null : answer;
  };
