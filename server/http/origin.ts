import cors from "@koa/cors";
import type { Context, Middleware } from "koa";
import type { Config } from "../config.ts";
import { Refusal } from "../contract/errors.ts";

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

/** Refuses pages of other sites. SameSite keeps the cookie from them already; this holds where a browser does not. */
export const refuseForeignOrigin = (ctx: Context, config: Settings): void => {
  if (ctx.get("Origin") !== "" && !isOwn(ctx, config))
    throw new Refusal("permission_denied", "This may be done from Parley's own pages only.");
};

/** Lets only our own pages read what the API answers. */
export const apiCors = (config: Settings): Middleware =>
  cors({
    origin: (ctx) => (isOwn(ctx, config) ? ctx.get("Origin") : ""),
    credentials: true,
    exposeHeaders: ["X-Request-Id", "Retry-After", "RateLimit"],
    maxAge: 600,
  });
