import { Router } from "@koa/router";
import Koa from "koa";
import type { Node } from "../context.ts";
import { apiPrefix, routes } from "../contract/admin.ts";
import type { RouteSpec } from "../contract/define.ts";
import { Refusal } from "../contract/errors.ts";
import { createLimiter, type Limiter } from "../limits.ts";
import { serveDocs } from "./docs.ts";
import { answerWrongMethod } from "./errors.ts";
import { guard, type RouteHandler } from "./guard.ts";
import { type Health, serveHealth } from "./health.ts";
import { nameAndLog, secureHeaders } from "./hygiene.ts";
import { apiCors } from "./origin.ts";
import { serveOutbox } from "./outbox.ts";
import { createHandlers } from "./routes.ts";
import { serveStatic } from "./static.ts";
import { createTenantHosts } from "./tenant-host.ts";

const createRouter = (node: Node, limiter: Limiter): Router => {
  // Whoever stands in front compares paths letter by letter; one path has one spelling.
  const router = new Router({ prefix: apiPrefix, sensitive: true });
  const parts = { node, limiter, hosts: createTenantHosts(node) };
  const handlers = createHandlers(node) as Record<string, RouteHandler<any>>;
  for (const [name, spec] of Object.entries<RouteSpec>(routes))
    router.register(spec.path, [spec.method], guard(parts, spec, handlers[name]!));
  return router;
};

/** Everything a node answers over plain HTTP. With a `limiter` of the node's, a person's sockets and requests count together. */
export const createKoa = (
  node: Node,
  health: Health,
  limiter: Limiter = createLimiter(node.config.RATE_LIMIT_FACTOR),
): Koa => {
  const { config, log } = node;
  const koa = new Koa({ proxy: config.TRUSTED_PROXIES > 0, maxIpsCount: config.TRUSTED_PROXIES });
  // A client that goes away in the middle of an answer; whatever else fails is met by `nameAndLog`.
  koa.on("error", (error) => log.debug({ err: error }, "an answer could not be sent"));
  const router = createRouter(node, limiter);
  const cors = apiCors(node);

  koa.use((ctx, next) => {
    ctx.request.ip = node.addressOf(ctx.req.socket.remoteAddress, ctx.req.headers);
    return next();
  });
  koa.use(nameAndLog(node, () => health.draining));
  koa.use(serveHealth(node, health));
  koa.use(secureHeaders(config.PUBLIC_URL));
  koa.use(serveStatic(config));
  koa.use(serveOutbox(node));
  koa.use(serveDocs());
  koa.use((ctx, next) => (ctx.path.startsWith("/api/") ? cors(ctx, next) : next()));
  koa.use(router.routes());
  koa.use((ctx) => {
    const allowed = [...new Set(router.match(ctx.path, ctx.method).path.flatMap(({ methods }) => methods))];
    if (allowed.length > 0) return answerWrongMethod(ctx, allowed);
    throw new Refusal("not_found", "There is nothing here.");
  });
  return koa;
};
