import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { ensureWeb } from "../../server/launch/build-web.ts";
import { useCluster } from "../support/cluster.ts";
import type { Cluster } from "../support/cluster.ts";
import type { TestNode } from "../support/nodes.ts";
import { startProxy } from "../support/proxy.ts";
import type { Proxy } from "../support/proxy.ts";
import type { TenantOptions, TestAgent, TestTenant } from "../support/tenant.ts";
import { launchChromium } from "./chromium.ts";
import { Desk } from "./desk.ts";
import { addMatchers } from "./matchers.ts";
import { Visitor } from "./visitor.ts";

/** The way to one node, which a test may lead to another one. */
export type Door = { url: string; proxy: Proxy };

export type Stage = {
  cluster: Cluster;
  /** Visitors come in here, to the first node. */
  shopDoor: Door;
  /** Agents come in here, to the second node. */
  deskDoor: Door;
  /** A way to `node` for one test, to be tampered with. */
  door: (node: TestNode) => Promise<Door>;
  /** A company whose inbox allows the demo shop at the doors and at the nodes. */
  tenant: (options?: TenantOptions) => Promise<TestTenant>;
  /** A window of its own, as of another person. */
  window: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** A page in a new window, or in `window` as one more tab. What breaks in it fails the test. */
  page: (window?: BrowserContext) => Promise<Page>;
  /** Somebody in the demo shop, with the chat still closed. */
  visitor: (tenant: TestTenant, options?: { window?: BrowserContext; at?: string }) => Promise<Visitor>;
  /** An agent who has just signed in; the tenant's first unless another is named. */
  agent: (tenant: TestTenant, options?: { agent?: TestAgent; window?: BrowserContext; at?: string }) => Promise<Desk>;
};

/** What a page may complain about without being broken: what it could not fetch while a test cut its connection. */
const harmless = /^Failed to load resource|WebSocket connection to|net::ERR_/u;

const openDoor = async (port: number): Promise<Door> => {
  const proxy = await startProxy({ host: "127.0.0.1", port }, { webSocket: true });
  return { url: `http://127.0.0.1:${proxy.port}`, proxy };
};

/** Two nodes, one browser, and a door to each node, for all tests of a file: call it there, and the answer in its tests. */
export const setStage = (): (() => Stage) => {
  // Patient heartbeats: what a test holds back for a moment is not to be cut.
  const cluster = useCluster({ count: 2, env: { DEMO: "true", PING_TIMEOUT_MS: "10000" } });
  let browser: Browser;
  let doors: [Door, Door];
  let windows: BrowserContext[] = [];
  let sideDoors: Door[] = [];
  let complaints: string[] = [];

  addMatchers();
  beforeAll(async () => {
    await ensureWeb((line) => process.stderr.write(`${line}\n`));
    const [first, second] = cluster().list;
    doors = [await openDoor(first!.port), await openDoor(second!.port)];
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all(doors?.map(({ proxy }) => proxy.close()) ?? []);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await keepPictures(task.name, windows);
    await Promise.all(windows.map((window) => window.close()));
    await Promise.all(sideDoors.map(({ proxy }) => proxy.close()));
    windows = [];
    sideDoors = [];
    const heard = complaints;
    complaints = [];
    expect(heard, "what the pages complained about").toEqual([]);
  });

  const stage = (): Stage => {
    const [shopDoor, deskDoor] = doors;
    const origins = [shopDoor.url, deskDoor.url, ...cluster().list.map(({ url }) => url)];

    const window: Stage["window"] = async (options) => {
      const context = await browser.newContext({
        locale: "en-GB",
        viewport: { width: 1280, height: 800 },
        reducedMotion: "reduce",
        ...options,
      });
      context.setDefaultTimeout(15_000);
      windows.push(context);
      return context;
    };
    const page: Stage["page"] = async (given) => {
      const opened = await (given ?? (await window())).newPage();
      opened.on("pageerror", (error) => complaints.push(String(error)));
      opened.on("console", (message) => {
        if (message.type() === "error" && !harmless.test(message.text())) complaints.push(message.text());
      });
      return opened;
    };
    return {
      cluster: cluster(),
      shopDoor,
      deskDoor,
      door: async ({ port }) => {
        const door = await openDoor(port);
        sideDoors.push(door);
        return door;
      },
      window,
      page,
      tenant: async (options) => {
        const tenant = await cluster().tenant(options);
        await cluster().superuser.query("UPDATE inboxes SET allowed_origins = $1 WHERE id = $2", [
          origins,
          tenant.inbox.id,
        ]);
        return tenant;
      },
      visitor: async (tenant, options = {}) => {
        const visitor = new Visitor(await page(options.window));
        await visitor.enterShop(`${options.at ?? shopDoor.url}/demo?inbox=${tenant.inbox.key}`);
        return visitor;
      },
      agent: async (tenant, options = {}) => {
        const desk = new Desk(await page(options.window));
        await desk.signIn(options.at ?? deskDoor.url, options.agent ?? tenant.agents[0]!);
        return desk;
      },
    };
  };
  return stage;
};

/** What every window showed when a test failed, for whoever looks into it. */
const keepPictures = async (name: string, windows: BrowserContext[]): Promise<void> => {
  const folder = join(tmpdir(), "parley-browser", name.replaceAll(/\W+/gu, "-").slice(0, 60));
  mkdirSync(folder, { recursive: true });
  const pages = windows.flatMap((window) => window.pages());
  await Promise.allSettled(
    pages.map((page, index) => page.screenshot({ path: join(folder, `${index + 1}.png`), timeout: 5_000 })),
  );
  process.stderr.write(`What the pages of "${name}" showed: ${folder}\n`);
};
