import cors from "@koa/cors";
import type { Context, Middleware } from "koa";
import type { Config } from "../config.ts";
import type { Node } from "../context.ts";
import type { RouteSpec } from "../contract/define.ts";
import { Refusal } from "../contract/errors.ts";
import { stateOf } from "./hygiene.ts";
import { createMemory } from "./memory.ts";

type Settings = Pick<Config, "PUBLIC_URL">;

/** Whether the request's Origin is our own: the address it was sent to, or PUBLIC_URL's. */
const isOwn = (ctx: Context, { PUBLIC_URL }: Settings): boolean => {
  const origin = ctx.get("Origin");
  if (!URL.canParse(origin)) return false;
  const { host, protocol, origin: exact } = new URL(origin);
  if (PUBLIC_URL && exact === new URL(PUBLIC_URL).origin) return true;
  // An https page may reach us by http where a proxy that we were not told of ends TLS; the other way round is foreign.
  return host === ctx.host.toLowerCase() && (protocol === "https:" || (protocol === "http:" && !ctx.secure));
};

/** Routes that take or hand out credentials: our own pages and programs use them, pages of others don't. */
export const isForOwnPages = ({ path, auth, method }: Pick<RouteSpec, "path" | "auth" | "method">): boolean =>
  path.startsWith("/auth/") || (auth === "none" && method !== "GET");

/** Refuses pages of other sites. SameSite keeps the cookie from them already; this holds where a browser does not. */
export const refuseForeignOrigin = (ctx: Context, config: Settings): void => {
  if (ctx.get("Origin") !== "" && !isOwn(ctx, config))
    throw new Refusal("permission_denied", "This can only be done from Parley's own pages.");
};

/**
 * Lets our own pages read what the API answers, and pages of the origins a workspace allows what it answers that workspace.
 * A preflight carries no token: it is answered where any workspace allows the origin, and `closeToOthers` decides on the
 * request itself. Only our own pages are let in with cookies.
 */
export const apiCors = ({ config, directory, log }: Pick<Node, "config" | "directory" | "log">): Middleware => {
  const allowing = createMemory((origin) => directory.listTenantsAllowing(origin).then((ids) => new Set(ids)));
  return cors({
    origin: async (ctx) => {
      const origin = ctx.get("Origin");
      if (isOwn(ctx, config)) return origin;
      if (!URL.canParse(origin) || origin.length > 300) return "";
      try {
        const tenants = await allowing(origin);
        if (tenants.size === 0) return "";
        stateOf(ctx).openTo = tenants;
        return origin;
      } catch (error) {
        log.warn({ err: error }, "an origin could not be looked up");
        return "";
      }
    },
    credentials: (ctx) => isOwn(ctx, config),
    exposeHeaders: ["X-Request-Id", "Retry-After", "RateLimit", "RateLimit-Policy", "Idempotency-Replayed"],
    maxAge: 600,
  });
};

/** Takes the answer from a page whose origin is allowed by other workspaces than the one that is asked. */
export const closeToOthers = (ctx: Context, tenantId: string): void => {
  const { openTo } = stateOf(ctx);
  if (openTo && !openTo.has(tenantId)) ctx.remove("Access-Control-Allow-Origin");
};
