import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Context, Middleware } from "koa";
import send from "koa-send";
import { answerWrongMethod } from "./errors.ts";
import { describeApi } from "./openapi.ts";

/** Where the pages' package keeps its files, whoever installed it. */
const viewer = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
const files = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"];

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Parley API</title>
<link rel="icon" href="/api/docs/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
`;

// Nothing of the page leaves this host: no outside validator, no outside fonts.
const start = `window.ui = SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#docs",
  validatorUrl: null,
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  tagsSorter: "alpha",
});
`;

/** A text of ours that is the same for everybody until the next release. */
const sendText = (ctx: Context, type: string, text: string): void => {
  ctx.type = type;
  ctx.set("Cache-Control", "no-cache");
  ctx.etag = createHash("sha256").update(text).digest("base64url").slice(0, 22);
  ctx.body = text;
  if (ctx.fresh) ctx.status = 304;
};

const known = /^\/api\/(openapi\.json|docs\/?|docs\/(.+))$/u;

/** `/api/openapi.json`, and `/api/docs`: the same to browse and try out, without asking any other host. */
export const serveDocs = (): Middleware => {
  // Made at the first question: a node that nobody asks starts faster.
  let document: string | undefined;
  return async (ctx, next) => {
    const [, what, file] = known.exec(ctx.path) ?? [];
    if (what === undefined) return next();
    if (file !== undefined && file !== "start.js" && !files.includes(file)) return next();
    if (ctx.method !== "GET" && ctx.method !== "HEAD") return answerWrongMethod(ctx, ["GET", "HEAD"]);
    if (what === "openapi.json") return sendText(ctx, "json", (document ??= JSON.stringify(describeApi())));
    if (file === undefined) return sendText(ctx, "html", page);
    if (file === "start.js") return sendText(ctx, "text/javascript", start);
    ctx.set("Cache-Control", "public, max-age=3600");
    await send(ctx, file, { root: viewer });
    return undefined;
  };
};
