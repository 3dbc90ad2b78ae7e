import { randomUUID } from "node:crypto";
import type { BrowserContext, Page } from "playwright-core";
import { expect, test } from "vitest";
import { password } from "../../support/tenant.ts";
import { barriersOn } from "../axe.ts";
import { Desk } from "../desk.ts";
import type { Stage } from "../stage.ts";

const gate = (page: Page) => page.getByRole("main", { name: "Signed in elsewhere" });
const button = (page: Page, name: string) => gate(page).getByRole("button", { name, exact: true });

/** Two tabs of one browser at the sign-in page. */
const twoTabs = async ({ window, page, deskDoor }: Stage, options?: Parameters<Stage["window"]>[0]) => {
  const browser = await window(options);
  const open = async () => {
    const tab = await page(browser);
    await tab.goto(`${deskDoor.url}/desktop`);
    await tab.getByRole("textbox", { name: "E-mail" }).waitFor();
    return new Desk(tab);
  };
  return { browser, mine: await open(), other: await open() };
};

/** Fills in the form as it stands, without loading the page again. */
const signInHere = async ({ page, list }: Desk, email: string) => {
  await page.getByRole("textbox", { name: "E-mail" }).fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await list.waitFor();
};

/** Somebody waits; `desk` has them open, with half an answer written. */
const halfWritten = async (stage: Stage, desk: Desk) => {
  const tenant = await stage.tenant({ roles: ["agent", "agent"] });
  const contact = await stage.cluster.contact(tenant, { origin: stage.shopDoor.url });
  await contact.insist("conversation:start", { clientId: randomUUID(), body: "Is my draft safe?" });
  await signInHere(desk, tenant.agents[0]!.email);
  await desk.find("Queue", "Is my draft safe?");
  await desk.field.fill("Half a sentence");
  return { tenant, contact, first: tenant.agents[0]!, second: tenant.agents[1]! };
};

/** One tab hears of another's doings when the browser gets to it. */
const patient = { timeout: 10_000 };

/** What a browser has once, and all its tabs share. */
export const tabs = (stage: () => Stage): void => {
  test("a tab says that another one signed in as somebody else, shows nothing of either, and keeps drafts per person", async () => {
    const { mine, other } = await twoTabs(stage());
    const { first, second } = await halfWritten(stage(), mine);
    await signInHere(other, second.email);

    await expect(gate(mine.page).getByText(second.email)).toShow();
    await expect(gate(mine.page).getByText(first.name, { exact: true })).toShow();
    expect(await mine.page.getByText("Is my draft safe?").count()).toBe(0);
    expect(await barriersOn(mine.page)).toEqual([]);
    // Nor does it become the other one's by a reload.
    await mine.page.reload();
    await button(mine.page, `Sign in as ${first.name} again`).click();
    await expect(mine.page.getByLabel("Password", { exact: true }).and(mine.page.locator(":focus"))).toShow();
    await mine.page.keyboard.type(password);
    await mine.page.keyboard.press("Enter");
    await mine.find("Queue", "Is my draft safe?");
    expect(await mine.field.inputValue()).toBe("Half a sentence");

    await button(other.page, `Continue as ${first.name}`).click();
    await expect(other.page.getByRole("button", { name: `Signed in as ${first.name}` })).toShow();
    await other.find("Queue", "Is my draft safe?");
    expect(await other.field.inputValue()).toBe("Half a sentence");
  });

  test("whoever goes on as the new one finds none of the other's drafts, and the other finds them all", async () => {
    const { mine, other } = await twoTabs(stage(), { colorScheme: "dark" });
    const { first, second } = await halfWritten(stage(), mine);
    await signInHere(other, second.email);
    await expect(gate(mine.page)).toShow();
    expect(await barriersOn(mine.page)).toEqual([]);
    await button(mine.page, `Continue as ${second.name}`).click();
    await expect(mine.page.getByRole("button", { name: `Signed in as ${second.name}` })).toShow();
    await mine.find("Queue", "Is my draft safe?");
    expect(await mine.field.inputValue()).toBe("");
    await mine.page.getByRole("button", { name: /^Signed in as/u }).click();
    await mine.page.getByRole("menuitem", { name: "Sign out" }).click();
    await signInHere(mine, first.email);
    await mine.find("Queue", "Is my draft safe?");
    expect(await mine.field.inputValue()).toBe("Half a sentence");
  });

  test("a tab that missed all that notices when it renews its token, and does nothing with the other one's", async () => {
    const { mine, other } = await twoTabs(stage());
    await mine.page.addInitScript(() =>
      globalThis.addEventListener("storage", (event) => event.stopImmediatePropagation(), true),
    );
    await mine.page.reload();
    const { second } = await halfWritten(stage(), mine);
    await signInHere(other, second.email);
    const tokens = new Set<string | undefined>();
    await mine.page.route("**/api/v1/me", async (route) => {
      tokens.add(route.request().headers()["authorization"]);
      await route.fulfill({
        status: 401,
        json: { error: { code: "unauthenticated", message: "-", retryable: false } },
      });
    });
    await mine.page.getByRole("link", { name: "Settings" }).click();
    await expect(gate(mine.page).getByText(second.email)).toShow();
    expect(tokens.size).toBe(1);
  });

  test("a tab whose workspace was left in another tab goes back to it without a password", async () => {
    const { mine, other } = await twoTabs(stage());
    const { tenant: found, cluster } = stage();
    const [here, there] = [await found(), await found()];
    const { id, email } = here.agents[0]!;
    await cluster.superuser.query(
      "INSERT INTO memberships (tenant_id, user_id, role, capacity) VALUES ($1, $2, 'agent', 5)",
      [there.id, id],
    );
    const workspace = ({ page }: Desk, name: string) =>
      page.getByRole("region", { name: "Workspace" }).getByText(name, { exact: true });
    await mine.page.getByRole("textbox", { name: "E-mail" }).fill(email);
    await mine.page.getByLabel("Password", { exact: true }).fill(password);
    await mine.page.getByRole("button", { name: "Sign in" }).click();
    await mine.page.getByRole("button", { name: here.name }).click();
    await expect(workspace(mine, here.name)).toShow();
    await other.page.reload();
    await other.page.getByRole("button", { name: /^Signed in as/u }).click();
    await other.page.getByRole("menuitem", { name: there.name }).click();
    await expect(workspace(other, there.name)).toShow();

    await expect(gate(mine.page).getByText("You switched workspace in another tab")).toShow();
    await button(mine.page, `Go back to ${here.name}`).click();
    await expect(workspace(mine, here.name)).toShow();
    await expect(gate(other.page).getByText(here.name, { exact: true })).toShow();
  });

  test("who signs out in one tab has signed out in all of them", async () => {
    const { mine, other } = await twoTabs(stage());
    const { first } = await halfWritten(stage(), mine);
    await signInHere(other, first.email);
    await other.page.getByRole("button", { name: /^Signed in as/u }).click();
    await other.page.getByRole("menuitem", { name: "Sign out" }).click();
    await expect(mine.page.getByText("You signed out in another tab.")).toShow();
    expect(await mine.page.getByText("Is my draft safe?").count()).toBe(0);
    expect(await mine.page.getByText("Half a sentence").count()).toBe(0);
  });

  test("drafts and preferences are the same in all tabs of a person, and one of them draws attention to news", async () => {
    const { browser, mine, other } = await twoTabs(stage());
    await countSounds(browser);
    await Promise.all([mine.page.reload(), other.page.reload()]);
    const { tenant, contact } = await halfWritten(stage(), mine);
    await other.page.reload();
    await other.find("Queue", "Is my draft safe?");
    expect(await other.field.inputValue()).toBe("Half a sentence");
    await other.field.fill("Half a sentence, and more");
    await expect.poll(() => mine.field.inputValue(), patient).toBe("Half a sentence, and more");

    await mine.page.getByRole("button", { name: "Sound and notifications" }).click();
    await mine.page.getByRole("switch", { name: "Play a sound" }).check({ force: true });
    await mine.page.keyboard.press("Escape");
    await other.page.getByRole("button", { name: "Sound and notifications" }).click();
    await expect.poll(() => other.page.getByRole("switch", { name: "Play a sound" }).isChecked(), patient).toBe(true);
    await other.page.keyboard.press("Escape");
    const before = await sounds(mine.page, other.page);
    const later = await stage().cluster.contact(tenant, { origin: stage().shopDoor.url });
    await later.insist("conversation:start", { clientId: randomUUID(), body: "Can you hear me?" });
    await Promise.all([mine.row("Can you hear me?").waitFor(), other.row("Can you hear me?").waitFor()]);
    await expect.poll(() => sounds(mine.page, other.page), patient).toBe(before + 1);
    // The second message is heard after whatever the first one still set off.
    await contact.insist("conversation:start", { clientId: randomUUID(), body: "And me?" });
    await expect.poll(() => sounds(mine.page, other.page), patient).toBeGreaterThan(before + 1);
    expect(await sounds(mine.page, other.page)).toBe(before + 2);
  });
};

type Counting = { sounds: number };

/** Counts what pages of the browser play; two tones are one sound. */
const countSounds = (browser: BrowserContext) =>
  browser.addInitScript(() => {
    const counting = globalThis as unknown as Counting;
    counting.sounds = 0;
    globalThis.AudioContext = class extends AudioContext {
      override createOscillator() {
        counting.sounds += 0.5;
        return super.createOscillator();
      }
    };
  });

const sounds = async (...pages: Page[]): Promise<number> => {
  const counts = await Promise.all(
    pages.map((page) => page.evaluate(() => (globalThis as unknown as Counting).sounds)),
  );
  return counts.reduce((sum, count) => sum + count, 0);
};
