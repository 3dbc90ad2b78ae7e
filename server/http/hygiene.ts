import type { Context, Middleware } from "koa";
import helmet from "koa-helmet";
import type { Logger } from "pino";
import { v7 as uuidv7 } from "uuid";
import type { Node } from "../context.ts";
import { answerError } from "./errors.ts";

/** What is known of a request while it is answered. */
export type RequestState = {
  requestId: string;
  log: Logger;
  tenantId?: string;
  actorId?: string;
  /** The workspaces that allow the origin of the page that asks, where it is not our own. */
  openTo?: ReadonlySet<string>;
};

export const stateOf = (ctx: Context): RequestState => ctx.state;

const quiet = /^\/(health|metrics|widget|demo|desktop|$)/u;

/**
 * Wraps everything: names the request, turns errors into answers, logs one line. The line holds neither query nor body nor
 * headers: what people wrote and what opens doors stays out of logs.
 */
export const nameAndLog =
  (node: Node, isDraining: () => boolean): Middleware =>
  async (ctx, next) => {
    const started = performance.now();
    const given = ctx.get("X-Request-Id");
    const requestId = /^[\w.:-]{1,100}$/u.test(given) ? given : uuidv7();
    const log = node.log.child({ requestId });
    Object.assign(ctx.state, { requestId, log } satisfies RequestState);
    ctx.set("X-Request-Id", requestId);
    try {
      await next();
    } catch (error) {
      answerError(ctx, error, log);
    }
    // Whoever keeps a connection open must look for another node before this one goes.
    if (isDraining()) ctx.set("Connection", "close");
    const { tenantId, actorId } = stateOf(ctx);
    log[quiet.test(ctx.path) ? "debug" : "info"](
      {
        method: ctx.method,
        path: ctx.path,
        status: ctx.status,
        ms: Math.round(performance.now() - started),
        ...(tenantId && { tenantId, actorId }),
      },
      "request",
    );
  };

/** Headers that keep our pages to themselves. What other sites may load, the widget, opens its own door in `static.ts`. */
export const secureHeaders = (publicUrl: string | undefined): Middleware => {
  const encrypted = publicUrl?.startsWith("https:") ?? false;
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        // The component library of the desktop writes its styles into the page.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", "data:", "blob:"],
        fontSrc: ["'self'", "data:"],
        connectSrc: ["'self'", "ws:", "wss:"],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        ...(encrypted && { upgradeInsecureRequests: [] }),
      },
    },
    referrerPolicy: { policy: "same-origin" },
    xFrameOptions: { action: "deny" },
    strictTransportSecurity: encrypted && { maxAge: 31_536_000 },
  });
};
