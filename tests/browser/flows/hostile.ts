import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import type { TestTenant } from "../../support/tenant.ts";
import type { Stage } from "../stage.ts";
import { Visitor } from "../visitor.ts";

type Site = { head?: string; body?: string; snippet?: string; csp?: string };

/** Scripts that other people's pages run before the snippet. */
const before: Record<string, string> = {
  "puts toJSON on every prototype": `for (const it of [Array, Object, String, Number, Date])
    it.prototype.toJSON = function () { return "broken"; };`,
  "has an Array.from of its own": `Array.from = () => ({ length: 0 }); Array.of = () => null;`,
  "exchanges what is global": `const { Promise: P } = window; window.Promise = function () { throw new Error("no"); };
    window.Map = window.Set = function () {}; Object.keys = Object.entries = Object.values = () => "none";
    Object.assign = () => { throw new Error("no"); }; JSON.stringify = () => "{}"; JSON.parse = () => null; Date.now = () => "now";
    Math.max = Math.min = () => NaN; window.Number = String;`,
  "seals and freezes": `for (const it of [Promise, Array, Object, JSON, Map, Set, Array.prototype, Promise.prototype]) Object.freeze(it);`,
  "adds to Object.prototype and Array.prototype": `Object.prototype.extend = function () {}; Object.prototype.shared = "x";
    Array.prototype.last = function () { return this[this.length - 1]; }; Array.prototype.named = 1;`,
  "wraps sockets, requests, timers and listeners": `const Real = window.WebSocket;
    window.WebSocket = class extends Real { constructor(...all) { super(...all); } };
    window.fetch = () => Promise.reject(new Error("no")); const timer = window.setTimeout;
    window.setTimeout = (run, ms, ...more) => timer(() => run(...more), ms);
    const listen = EventTarget.prototype.addEventListener;
    EventTarget.prototype.addEventListener = function (type, listener, options) {
      return listen.call(this, type, listener && function (event) { return (listener.handleEvent ?? listener).call(this, event); }, options); };`,
  "has no WebSocket": `window.WebSocket = undefined;`,
  "forbids WebSocket": `window.WebSocket = function () { throw new Error("no"); };`,
  "blocks its storage": `for (const name of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError"); } });`,
};

const names = `<div id="Parley">A name</div><form id="ParleySettings"><input name="inboxKey"></form><img name="currentScript" alt=""><iframe name="Parley" hidden></iframe>`;

export const hostile = (stage: () => Stage): void => {
  /** One site of many pages, each as somebody else wrote it; returns where they are. */
  const openSites = async (tenant: TestTenant, sites: Record<string, Site>) => {
    const { shopDoor, cluster } = stage();
    const plain = `<script async src="${shopDoor.url}/widget.js" data-inbox-key="${tenant.inbox.key}"></script>`;
    const server = createServer((request, response) => {
      const { head = "", body = "", snippet = plain, csp } = sites[decodeURIComponent(request.url!.slice(1))] ?? {};
      if (csp) response.setHeader("content-security-policy", csp);
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.end(`<!doctype html><html lang="en"><head><title>A site</title>${head}</head>
        <body><h1>A site</h1><button>Buy</button>${body}${snippet}</body></html>`);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await cluster.superuser.query("UPDATE inboxes SET allowed_origins = $1 WHERE id = $2", [[origin], tenant.inbox.id]);
    return (name: string) => `${origin}/${encodeURIComponent(name)}`;
  };

  /** Opens the chat, writes, and sees that the server has it. */
  const converse = async (visitor: Visitor, text: string) => {
    await visitor.openChat();
    await visitor.say(text);
    await expect(visitor.message(text).getByText(/^(Sent|Delivered|Read)$/u)).toShow();
  };

  /** A page of which all that it says on its console is kept. */
  const listen = async (): Promise<{ page: Page; lines: string[] }> => {
    const page = await (await stage().window()).newPage();
    const lines: string[] = [];
    page.on("console", (message) => lines.push(message.text()));
    page.on("pageerror", (error) => lines.push(String(error)));
    return { page, lines };
  };
  const ours = (lines: string[]) => lines.filter((line) => line.startsWith("Parley:"));

  test.each(Object.keys(before))("the chat works on a page that %s", async (name) => {
    const tenant = await stage().tenant();
    const at = await openSites(tenant, { [name]: { head: `<script>{${before[name]!}}</script>` } });
    const { page, lines } = await listen();
    const visitor = new Visitor(page);
    await visitor.enterShop(at(name));
    await converse(visitor, "Can you hear me?");
    expect(ours(lines)).toEqual([]);
  });

  test("the snippet is found by attribute, by address or by settings, as a module, from a tag manager and without an element", async () => {
    const { shopDoor, tenant: found } = stage();
    const tenant = await found();
    const { key } = tenant.inbox;
    const src = `${shopDoor.url}/widget.js`;
    const settings = `<script>window.ParleySettings = { inboxKey: "${key}", server: "${shopDoor.url}" }</script>`;
    const sites: Record<string, Site> = {
      module: { snippet: `<script type="module" src="${src}" data-inbox-key="${key}"></script>` },
      "module by address": { snippet: `<script type="module" src="${src}?inboxKey=${key}"></script>` },
      address: { snippet: `<script src="${src}?inboxKey=${key}"></script>` },
      settings: { snippet: `${settings}<script async src="${src}"></script>` },
      injected: {
        snippet: `<script>const it = document.createElement("script"); it.src = "${src}"; it.dataset.inboxKey = "${key}"; document.head.append(it)</script>`,
      },
      "run as text": {
        snippet: `${settings}<script>fetch("${src}").then((it) => it.text()).then((it) => (0, eval)(it))</script>`,
      },
      imported: { snippet: `${settings}<script type="module">import "${src}"</script>` },
      "with elements in the way": { body: names },
    };
    const at = await openSites(tenant, sites);
    for (const name of Object.keys(sites)) {
      const visitor = new Visitor(await stage().page());
      await visitor.enterShop(at(name));
      await visitor.openChat();
      await visitor.closeChat();
      await visitor.page.evaluate(() => (window as any).Parley.open());
      await expect(visitor.field).toShow();
    }
  });

  test("what can't work is said in one line of the console", async () => {
    const { shopDoor, tenant: found } = stage();
    const tenant = await found();
    const script = `<script src="${shopDoor.url}/widget.js"`;
    const snippet = `${script} data-inbox-key="${tenant.inbox.key}"></script>`;
    const sites: Record<string, Site> = {
      "no inbox key": { snippet: `${script}></script>` },
      "is not shown": { snippet: `${snippet}${snippet}${script} data-inbox-key="other"></script>` },
      "window.Parley is taken": { head: `<script>function Parley() {}</script>`, snippet },
      "could not start": { head: `<script>customElements.define = () => { throw new Error("no") }</script>`, snippet },
      "there is no event": { head: `<script>window.Parley = [["on", "nonsense", () => {}]]</script>`, snippet },
      "a call that was pushed": { head: `<script>window.Parley = [["nonsense"], ["open"]]</script>`, snippet },
    };
    const at = await openSites(tenant, sites);
    for (const name of Object.keys(sites)) {
      const { page, lines } = await listen();
      await page.goto(at(name));
      await expect.poll(() => lines).toEqual([expect.stringContaining(name)]);
      expect(lines[0]).toMatch(/^Parley: /u);
    }
  });

  test("under a strict policy and a style sheet that unsets everything the chat works and keeps its looks", async () => {
    const { shopDoor, tenant: found } = stage();
    const tenant = await found();
    const socket = shopDoor.url.replace("http", "ws");
    const nonce = `<script nonce="abc" async src="${shopDoor.url}/widget.js" data-inbox-key="${tenant.inbox.key}"></script>`;
    const at = await openSites(tenant, {
      hosts: { csp: `default-src 'none'; script-src ${shopDoor.url}; connect-src ${shopDoor.url} ${socket}` },
      nonces: {
        csp: `default-src 'self'; script-src 'nonce-abc' 'strict-dynamic'; connect-src ${shopDoor.url} ${socket}; require-trusted-types-for 'script'`,
        snippet: nonce,
      },
      styles: {
        head: `<style>* { all: unset !important; text-transform: uppercase !important; letter-spacing: 9px !important }
          body { transform: rotate(5deg); zoom: 2; filter: blur(4px); pointer-events: none }</style>`,
      },
    });
    const boxes = [];
    for (const name of ["hosts", "nonces", "styles"]) {
      const visitor = new Visitor(await stage().page());
      await visitor.enterShop(at(name));
      await converse(visitor, "Hello there");
      const style = await visitor.text("Hello there").evaluate((element) => {
        const { textTransform, letterSpacing, fontSize } = getComputedStyle(element);
        return { textTransform, letterSpacing, fontSize };
      });
      boxes.push({
        style,
        panel: await visitor.chat.boundingBox(),
        launcher: await visitor.page.locator(".launcher").boundingBox(),
      });
    }
    expect(boxes[1]).toEqual(boxes[0]);
    expect(boxes[2]).toEqual(boxes[0]);
  });

  const swaps: Record<string, string> = {
    "replaces its body": `const body = document.createElement("body"); body.innerHTML = "<h1>Next</h1>"; document.body.replaceWith(body)`,
    "empties its body": `document.body.innerHTML = "<h1>Next</h1>"`,
    "replaces its root": `const html = document.createElement("html"); html.append(document.createElement("head"), document.createElement("body")); document.documentElement.replaceWith(html)`,
    "empties the document for a moment": `const html = document.documentElement; document.replaceChildren(); setTimeout(() => document.append(html), 20)`,
    "removes what it does not know": `document.querySelectorAll("html > :not(head, body)").forEach((one) => one.remove())`,
    "exchanges it within a view transition": `document.startViewTransition(() => { document.body.innerHTML = "<h1>Next</h1>" })`,
  };

  test.each(Object.keys(swaps))(
    "on a page that %s and runs the snippet again the open chat stays, draft, place and focus",
    async (name) => {
      const { shopDoor, tenant: found } = stage();
      const tenant = await found();
      const at = await openSites(tenant, { page: {} });
      const { page, lines } = await listen();
      const visitor = new Visitor(page);
      await visitor.enterShop(at("page"));
      await converse(visitor, "First");
      await visitor.field.fill("A draft");
      await visitor.field.evaluate((field: HTMLTextAreaElement) => field.setSelectionRange(2, 2));
      const again = `const it = document.createElement("script"); it.src = "${shopDoor.url}/widget.js"; it.dataset.inboxKey = "${tenant.inbox.key}"; document.head.append(it)`;
      await page.evaluate(`${swaps[name]!}; setTimeout(() => { ${again} }, 60)`);
      await page.waitForFunction(
        () => document.querySelector("script[data-inbox-key]") && document.querySelector("#parley"),
      );
      await page.waitForLoadState("networkidle");
      await page.keyboard.type("xx");
      await expect.poll(() => visitor.field.inputValue()).toBe("A xxdraft");
      expect(await page.locator("#parley").count()).toBe(1);
      await visitor.field.press("Enter");
      await expect(visitor.message("A xxdraft").getByText(/^(Sent|Delivered|Read)$/u)).toShow();
      expect(ours(lines)).toEqual([]);
    },
  );

  const traps: Record<string, string> = {
    "on focusin": `document.addEventListener("focusin", ({ target }) => modal.contains(target) || inside.focus())`,
    "on focus, on its way down": `document.addEventListener("focus", ({ target }) => modal.contains(target) || inside.focus(), true)`,
    "on focusout": `modal.addEventListener("focusout", ({ relatedTarget }) => modal.contains(relatedTarget) || inside.focus())`,
    "with an inert body that takes no clicks": `document.body.style.pointerEvents = "none"; for (const one of document.body.children) one.inert = one !== modal;`,
  };

  test("one can write in the chat while a dialog of the page holds the focus, and within a modal one", async () => {
    const tenant = await stage().tenant();
    const trap = (script: string) => ({
      body: `<div id="modal" role="dialog" aria-modal="true" aria-label="News"><input id="inside"></div>
        <script>const modal = document.getElementById("modal"), inside = document.getElementById("inside"); inside.focus(); ${script}</script>`,
    });
    const at = await openSites(tenant, {
      ...Object.fromEntries(Object.entries(traps).map(([name, script]) => [name, trap(script)])),
      modal: { body: `<dialog id="top"><button onclick="Parley.open()">Ask us</button></dialog>` },
    });
    for (const name of Object.keys(traps)) {
      const visitor = new Visitor(await stage().page());
      await visitor.enterShop(at(name));
      await visitor.openChat();
      await visitor.field.click();
      await visitor.page.keyboard.type("typed");
      expect({ [name]: await visitor.field.inputValue() }).toEqual({ [name]: "typed" });
    }
    const visitor = new Visitor(await stage().page());
    await visitor.enterShop(at("modal"));
    await visitor.page.evaluate("document.querySelector('dialog').showModal()");
    await visitor.page.getByRole("button", { name: "Ask us" }).click();
    await visitor.field.waitFor();
    await visitor.field.click();
    await visitor.page.keyboard.type("typed");
    await visitor.page.evaluate("document.querySelector('dialog').close()");
    await expect.poll(() => visitor.field.evaluate((field) => field.matches(":focus"))).toBe(true);
    await visitor.page.keyboard.type(" on");
    expect(await visitor.field.inputValue()).toBe("typed on");
    await visitor.closeChat();
  });

  test("on a small screen the field stays above the keyboard, on a large one too", async () => {
    const tenant = await stage().tenant();
    const at = await openSites(tenant, { page: {} });
    for (const viewport of [
      { width: 390, height: 800 },
      { width: 1280, height: 800 },
    ]) {
      const visitor = new Visitor(await stage().page(await stage().window({ viewport })));
      await visitor.enterShop(at("page"));
      await visitor.openChat();
      await visitor.page.evaluate(`Object.defineProperty(visualViewport, "height", { value: 420, configurable: true });
        visualViewport.dispatchEvent(new Event("resize"))`);
      const panel = (await visitor.chat.boundingBox())!;
      const field = (await visitor.field.boundingBox())!;
      expect(panel.y).toBeGreaterThanOrEqual(0);
      expect(field.y + field.height).toBeLessThanOrEqual(420);
      await visitor.page.evaluate(`delete visualViewport.height; visualViewport.dispatchEvent(new Event("resize"))`);
      expect((await visitor.chat.boundingBox())!.height).toBeGreaterThan(600);
    }
  });

  test("each text stands in its own direction, whatever the page's is", async () => {
    const tenant = await stage().tenant();
    const at = await openSites(tenant, { rtl: { head: `<script>document.documentElement.dir = "rtl"</script>` } });
    const visitor = new Visitor(await stage().page());
    await visitor.enterShop(at("rtl"));
    await converse(visitor, "שלום!");
    await visitor.say("Hello!");
    const directions = (text: string) => visitor.text(text).evaluate((element) => getComputedStyle(element).direction);
    expect([await directions("שלום!"), await directions("Hello!")]).toEqual(["rtl", "ltr"]);
    await visitor.field.fill("مرحبا");
    expect(await visitor.field.evaluate((field) => getComputedStyle(field).direction)).toBe("rtl");
    const launcher = (await visitor.page.locator(".launcher").boundingBox())!;
    expect(launcher.x).toBeGreaterThan(1000);
  });

  test("what removes the chat again and again wins, is told so, and freezes nothing", async () => {
    const tenant = await stage().tenant();
    const at = await openSites(tenant, { page: {} });
    const { page, lines } = await listen();
    const visitor = new Visitor(page);
    await visitor.enterShop(at("page"));
    await page.evaluate(() => {
      new MutationObserver(() => document.querySelector("#parley")?.remove()).observe(document.documentElement, {
        childList: true,
      });
      document.querySelector("#parley")!.remove();
    });
    await expect.poll(() => ours(lines)).toEqual([expect.stringContaining("keeps removing the chat")]);
    await page.getByRole("button", { name: "Buy" }).click();
  });

  test("an app that can't be fetched or mounted says so beside the button and can be tried again", async () => {
    const tenant = await stage().tenant();
    const at = await openSites(tenant, { page: {} });
    const { page, lines } = await listen();
    const visitor = new Visitor(page);
    await page.route("**/widget/*.js", (route) => route.abort());
    await visitor.enterShop(at("page"));
    await visitor.launcher.click();
    await expect(page.getByRole("alert").getByText("The chat could not be loaded.")).toShow();
    await page.unroute("**/widget/*.js");
    await page.evaluate(`for (const [type, name] of [[Element, "before"], [ResizeObserver, "observe"]]) {
      const real = type.prototype[name];
      type.prototype[name] = () => { type.prototype[name] = real; throw new Error("not now: " + name); };
    }`);
    const again = page.getByRole("button", { name: "Try again" });
    await again.click();
    await expect.poll(() => lines.join()).toContain("not now: before");
    await again.click();
    await expect(page.getByRole("alert").getByText("The chat could not be shown.")).toShow();
    await again.click();
    await visitor.say("Now it works");
    await expect(visitor.message("Now it works").getByText(/^(Sent|Delivered|Read)$/u)).toShow();
    expect(ours(lines)).toEqual([
      expect.stringContaining("could not be loaded"),
      expect.stringContaining("could not be loaded"),
      expect.stringContaining("could not be shown"),
    ]);
  });
};
