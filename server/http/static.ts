import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context, Middleware } from "koa";
import send from "koa-send";
import type { Config } from "../config.ts";
import { Refusal } from "../contract/errors.ts";
import { checkout } from "../launch/checkout.ts";
import { answerWrongMethod } from "./errors.ts";

/** Where `npm run build:web` puts the front ends. */
const webFolder = join(checkout, "dist", "web");

const forAYear = "public, max-age=31536000, immutable";
const forMinutes = "public, max-age=300";
const askAgain = "no-cache";

const serves = /^\/(widget|demo|desktop)(\/|\.js$|$)/u;

/** Customers' pages load the widget, and its chunks are modules: the browser asks for both headers. */
const openToAllSites = (ctx: Context): void => {
  ctx.set("Access-Control-Allow-Origin", "*");
  ctx.set("Cross-Origin-Resource-Policy", "cross-origin");
};

/** The widget, the demo shop and the desktop, from the folder they were built into. */
export const serveStatic = ({ DEMO }: Pick<Config, "DEMO">, folder: string = webFolder): Middleware => {
  const missing = (entrance: string): Refusal =>
    existsSync(join(folder, entrance))
      ? new Refusal("not_found", "There is nothing here.")
      : new Refusal("unavailable", "The web pages are not built yet. Run `npm run build:web`.");

  /** Sends a file below `top`; `entrance` is the file that stands when the front end is built at all. */
  const sendFile = async (ctx: Context, path: string, top: string, entrance: string, cache: string): Promise<void> => {
    ctx.vary("Accept-Encoding");
    ctx.set("Cache-Control", cache);
    // koa-send refuses what leads out of its root, and hidden files.
    const sent = await send(ctx, path, { root: join(folder, top) }).catch((error: { status?: number }) => {
      throw error.status === 404 ? missing(entrance) : error;
    });
    if (!sent) throw missing(entrance);
    if (ctx.fresh) ctx.status = 304;
  };

  /** Sends a page. In the demo it is marked, so that the desktop may offer the demo's logins. */
  const sendPage = async (ctx: Context, entrance: string): Promise<void> => {
    const html = await readFile(join(folder, entrance), "utf8").catch(() => {
      throw missing(entrance);
    });
    const page = DEMO ? html.replace(/<head[^>]*>/iu, `$&<meta name="parley-demo" content="true">`) : html;
    ctx.type = "html";
    ctx.set("Cache-Control", askAgain);
    ctx.etag = createHash("sha256").update(page).digest("base64url").slice(0, 22);
    ctx.body = page;
    if (ctx.fresh) ctx.status = 304;
  };

  const serve = (ctx: Context): Promise<void> | undefined => {
    const [, front, rest = ""] = /^\/(widget\.js|widget|demo|desktop)(?:\/(.*))?$/su.exec(ctx.path) ?? [];
    const isFile = /\.[^/]*$/u.test(rest);
    if (front === "widget.js" && !rest) {
      openToAllSites(ctx);
      return sendFile(ctx, "widget.js", "", "widget.js", forMinutes);
    }
    if (front === "widget" && isFile) {
      openToAllSites(ctx);
      return sendFile(ctx, rest, "widget", "widget.js", forAYear);
    }
    if (front === "demo" && DEMO) {
      if (isFile) return sendFile(ctx, rest, "demo", "demo/index.html", askAgain);
      return rest ? undefined : sendPage(ctx, "demo/index.html");
    }
    if (front === "desktop") {
      // The desktop finds its own way from any address below it; its files are named by what is in them.
      if (!isFile) return sendPage(ctx, "desktop/index.html");
      return sendFile(ctx, rest, "desktop", "desktop/index.html", rest.startsWith("assets/") ? forAYear : askAgain);
    }
    return undefined;
  };

  return async (ctx, next) => {
    if (ctx.path === "/") return ctx.redirect("/desktop");
    const isAsked = ctx.method === "GET" || ctx.method === "HEAD";
    if (!isAsked && serves.test(ctx.path)) return answerWrongMethod(ctx, ["GET", "HEAD"]);
    return (isAsked && serve(ctx)) || next();
  };
};
