import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import Koa from "koa";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Node } from "../../server/context.ts";
import { nameAndLog } from "../../server/http/hygiene.ts";
import { serveStatic } from "../../server/http/static.ts";
import { useApp } from "../support/app.ts";
import { raw, serve } from "./requests.ts";

const page = (title: string) => `<!doctype html><html><head><title>${title}</title></head><body></body></html>`;

const built: Record<string, string | Buffer> = {
  "widget.js": "(() => {})();",
  "widget/app-abc.js": "export const app = 1;",
  "widget/app-abc.js.gz": gzipSync("export const app = 1;"),
  "demo/index.html": page("shop"),
  "demo/shop-abc.css": "body {}",
  "desktop/index.html": page("desktop"),
  "desktop/assets/main-abc.js": "export {};",
  "desktop/icon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
  ".widget.stamp": "a stamp",
  "desktop/.hidden.js": "hidden",
};

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Serves a folder with these files; beside it lies one that must never be served. */
const listen = async (files: Record<string, string | Buffer>, DEMO: boolean) => {
  const folder = mkdtempSync(join(tmpdir(), "parley-web-"));
  folders.push(folder);
  const web = join(folder, "web");
  for (const [name, content] of Object.entries({ "../secret.js": "outside", ...files })) {
    mkdirSync(dirname(join(web, name)), { recursive: true });
    writeFileSync(join(web, name), content);
  }
  const koa = new Koa();
  koa.use(nameAndLog({ log: pino({ level: "silent" }) } as unknown as Node, () => false));
  koa.use(serveStatic({ DEMO }, web));
  return serve(koa);
};

let url: string;
beforeAll(async () => {
  const web = await listen(built, true);
  url = web.url;
  return web.close;
});
const get = (path: string, headers: Record<string, string> = {}) => raw(url, { path, headers });

describe("the widget", () => {
  test.each(["/widget.js", "/widget/app-abc.js"])("%s may be loaded by every site", async (path) => {
    const { status, headers } = await get(path, { Origin: "https://shop.test" });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
    });
    expect(headers["content-type"]).toContain("javascript");
  });

  test("the loader is asked for again soon, what it loads never", async () => {
    expect((await get("/widget.js")).headers["cache-control"]).toBe("public, max-age=300");
    expect((await get("/widget/app-abc.js")).headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  });

  test("goes out compressed where the build has made it so", async () => {
    const { headers } = await get("/widget/app-abc.js", { "Accept-Encoding": "gzip" });
    expect(headers).toMatchObject({ "content-encoding": "gzip", vary: "Accept-Encoding" });
    expect(headers["content-type"]).toContain("javascript");
  });
});

describe("the desktop", () => {
  test.each(["/desktop", "/desktop/", "/desktop/conversations/7", "/desktop/a/b/c"])(
    "%s is its page, asked for again each time",
    async (path) => {
      const { status, headers, body } = await get(path);
      expect([status, headers["cache-control"]]).toEqual([200, "no-cache"]);
      expect(headers["content-type"]).toContain("text/html");
      expect(body).toContain("<title>desktop</title>");
    },
  );

  test("its files are kept by their names, and a missing one is not its page", async () => {
    const asset = await get("/desktop/assets/main-abc.js");
    expect([asset.status, asset.headers["cache-control"]]).toEqual([200, "public, max-age=31536000, immutable"]);
    expect((await get("/desktop/icon.svg")).headers["content-type"]).toContain("image/svg+xml");
    const gone = await get("/desktop/assets/main-old.js");
    expect([gone.status, gone.body.error.code]).toEqual([404, "not_found"]);
    expect(gone.headers["cache-control"]).toBe("no-store");
  });

  test("a page that has not changed is not sent again", async () => {
    const { headers } = await get("/desktop");
    const again = await get("/desktop/elsewhere", { "If-None-Match": headers["etag"]! });
    expect([again.status, again.body]).toEqual([304, undefined]);
    const icon = await get("/desktop/icon.svg");
    const same = await get("/desktop/icon.svg", { "If-Modified-Since": icon.headers["last-modified"]! });
    expect(same.status).toBe(304);
  });

  test("stands at the front door", async () => {
    const { status, headers } = await get("/");
    expect([status, headers["location"]]).toEqual([302, "/desktop"]);
  });
});

describe("the demo", () => {
  const mark = '<meta name="parley-demo" content="true">';

  test("marks the pages, and serves its shop", async () => {
    expect((await get("/desktop")).body).toContain(`<head>${mark}`);
    expect((await get("/demo")).body).toContain("<title>shop</title>");
    expect((await get("/demo/")).status).toBe(200);
    expect((await get("/demo/shop-abc.css")).headers["content-type"]).toContain("text/css");
    expect((await get("/demo/elsewhere")).status).toBe(404);
  });

  test("is not there where it was not asked for", async () => {
    const plain = await listen(built, false);
    onTestFinished(plain.close);
    expect((await raw(plain.url, { path: "/demo" })).status).toBe(404);
    expect((await raw(plain.url, { path: "/demo/shop-abc.css" })).status).toBe(404);
    expect((await raw(plain.url, { path: "/desktop" })).body).not.toContain("parley-demo");
  });
});

test.each([
  "/widget/../widget.js",
  "/widget/../../secret.js",
  "/widget/..%2f..%2fsecret.js",
  "/widget/%2e%2e/%2e%2e/secret.js",
  "/widget/..\\..\\secret.js",
  "/desktop/../.widget.stamp",
  "/desktop/..%2f.widget.stamp",
  "/desktop/.hidden.js",
  "/widget/%00.js",
  "/widget//etc/passwd.txt",
  "/widget/%zz.js",
  "/desktop/assets/.",
  "/demo/..%2f..%2fsecret.js",
])("%s leads nowhere", async (path) => {
  const { status, body } = await get(path);
  expect([400, 404]).toContain(status);
  expect(["not_found", "invalid_payload"]).toContain(body.error.code);
});

test("pages are only read", async () => {
  for (const path of ["/widget.js", "/widget/app-abc.js", "/desktop", "/demo"]) {
    const { status, headers } = await raw(url, { method: "POST", path });
    expect([path, status, headers["allow"]]).toEqual([path, 405, "GET, HEAD"]);
    const head = await raw(url, { method: "HEAD", path });
    expect([head.status, head.body]).toEqual([200, undefined]);
  }
});

test("before anything is built, a sentence says how to build it", async () => {
  const empty = await listen({}, true);
  onTestFinished(empty.close);
  for (const path of ["/widget.js", "/widget/app-abc.js", "/desktop", "/desktop/assets/main-abc.js", "/demo"]) {
    const { status, body } = await raw(empty.url, { path });
    expect([path, status, body.error.code]).toEqual([path, 503, "unavailable"]);
    expect(body.error.message).toContain("npm run build:web");
  }
});

describe("in a whole node", () => {
  const app = useApp();

  test("pages may run our own scripts only, and the widget opens to other sites all the same", async () => {
    const { headers } = await raw(app().url, { path: "/" });
    expect(headers["content-security-policy"]).toContain("script-src 'self';");
    const widget = await raw(app().url, { path: "/widget.js" });
    expect(widget.headers["cross-origin-resource-policy"]).toBe("cross-origin");
    expect(widget.headers["access-control-allow-origin"]).toBe("*");
  });
});
