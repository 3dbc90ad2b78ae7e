import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { migrate } from "../../db/migrate.ts";
import { demoOrigins, demoPassword, seed } from "../../db/seed.ts";
import { ensureWeb } from "../../server/launch/build-web.ts";
import { freePort } from "../../server/launch/free-port.ts";
import { startNode } from "../../server/launch/processes.ts";
import { startServices } from "../../server/launch/services.ts";
import { superuserPool } from "../support/services.ts";
import { launchChromium } from "./chromium.ts";
import { playStory, shopToken } from "./story.ts";

const folder = fileURLToPath(new URL("./screenshots/", import.meta.url));
const say = (line: string) => process.stderr.write(`${line}\n`);

/** What `npm start` brings, on data that is gone afterwards; `use` gets its address and a pool that sees all tenants. */
const withParley = async (use: (url: string, owner: ReturnType<typeof superuserPool>) => Promise<void>) => {
  const data = mkdtempSync(join(tmpdir(), "parley-screenshots-"));
  const port = await freePort();
  const [services] = await Promise.all([
    startServices({ env: { PATH: process.env["PATH"], DATA_DIR: data }, say, durable: false, restart: false }),
    ensureWeb(say),
  ]);
  const owner = superuserPool(services.env.DATABASE_URL);
  try {
    await migrate(services.env.DATABASE_URL);
    await seed(services.env.DATABASE_URL, { origins: demoOrigins(port) });
    const env = { ...services.env, HOST: "127.0.0.1", DEMO: "true", DRAIN_SECONDS: "0", PRESENCE_GRACE_MS: "60000" };
    const node = await startNode({ name: "node-1", port, env, logs: data, say, restart: false });
    try {
      await use(`http://127.0.0.1:${port}`, owner);
    } finally {
      await node.stop();
    }
  } finally {
    await owner.end();
    await services.stop();
    rmSync(data, { recursive: true, force: true });
  }
};

/** A zone where it is the early afternoon now, whenever the pictures are taken. */
const afternoonZone = (): string => {
  const hours = 14 - new Date().getUTCHours();
  const ahead = hours < -11 ? hours + 24 : hours;
  // POSIX counts these the other way round.
  return `Etc/GMT${ahead > 0 ? "-" : "+"}${Math.abs(ahead)}`;
};

const openPage = async (browser: Browser, address: string): Promise<Page> => {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 1,
    locale: "en-GB",
    timezoneId: afternoonZone(),
    colorScheme: "light",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  await page.goto(address);
  return page;
};

const write = async (page: Page, label: string, text: string) => {
  await page.getByLabel(label, { exact: true }).fill(text);
  await page.keyboard.press("Enter");
  await page.getByRole("log").getByText(text).last().waitFor();
};

const takePictures = async (browser: Browser, url: string): Promise<void> => {
  const desktop = await openPage(browser, `${url}/desktop`);
  await desktop.getByLabel("E-mail").fill("agent@acme.test");
  await desktop.getByLabel("Password", { exact: true }).fill(demoPassword);
  await desktop.getByRole("button", { name: "Sign in" }).click();
  await desktop.getByRole("tab", { name: "Mine" }).waitFor();

  const shop = await openPage(browser, `${url}/demo`);
  await shop.getByRole("button", { name: "Open chat" }).waitFor();
  await shop.evaluate(
    (token) => (window as unknown as { Parley: { identify: (token: string) => void } }).Parley.identify(token),
    shopToken("nora", "Nora Lindqvist", "nora@example.com"),
  );
  await shop.getByRole("button", { name: "Open chat" }).click();
  await write(shop, "Message", "Hi! My parcel says delivered, but there is nothing here.");
  await shop.mouse.move(200, 400);

  await desktop.getByRole("tab", { name: /Queue/u }).click();
  await desktop.getByRole("button", { name: /Nora Lindqvist/u }).click();
  await desktop.getByRole("button", { name: "Take" }).click();
  await desktop.getByRole("tab", { name: "All" }).click();
  await write(desktop, "Write a reply", "Oh no, sorry about that. Let me look where it went.");
  await desktop.getByText("Note", { exact: true }).click();
  await write(desktop, "Write an internal note", "Courier left it with the neighbour at no. 14, signed by B. Holm.");
  await desktop.getByText("Reply", { exact: true }).click();
  await write(desktop, "Write a reply", "The courier handed it to your neighbour at number 14. Could you ask there?");
  await write(shop, "Message", "They have it, thank you so much! 🎉");
  await desktop.getByRole("log").getByText("They have it").waitFor();

  await desktop.getByLabel("Write a reply").pressSequentially("Glad to hear it! Any");
  await shop.getByText("is typing").waitFor();
  await shop.screenshot({ path: join(folder, "widget.png") });

  await shop.getByLabel("Message", { exact: true }).pressSequentially("By the way");
  await desktop.getByText("is typing").waitFor();
  await desktop.mouse.move(640, 1);
  await desktop.screenshot({ path: join(folder, "desktop.png") });
  await desktop.getByRole("button", { name: "Dark colours" }).click();
  await desktop.mouse.move(640, 1);
  await shop.getByLabel("Message", { exact: true }).pressSequentially(", is");
  await desktop.getByText("is typing").waitFor();
  await desktop.screenshot({ path: join(folder, "desktop-dark.png") });
};

mkdirSync(folder, { recursive: true });
await withParley(async (url, owner) => {
  await playStory(url, owner);
  const browser = await launchChromium();
  try {
    await takePictures(browser, url);
  } finally {
    await browser.close();
  }
});
