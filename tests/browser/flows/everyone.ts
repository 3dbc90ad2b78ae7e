import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { password } from "../../support/tenant.ts";
import { barriersOn } from "../axe.ts";
import { Desk } from "../desk.ts";
import type { Stage } from "../stage.ts";
import { Visitor } from "../visitor.ts";
import { talk } from "./talking.ts";

const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true } as const;

/** Moves the focus on by Tab until it stands on `target`; fails when it does not get there. */
const tabTo = async (page: Page, target: Locator, most = 40) => {
  for (let pressed = 0; pressed < most; pressed += 1) {
    if (await target.evaluate((element) => element.matches(":focus"))) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${String(target)} is not reached by ${most} presses of Tab`);
};

const overflowOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** How light the colour behind `target` is, from 0 to 1. */
const lightnessBehind = (target: Locator) =>
  target.evaluate((element) => {
    for (let at: Element | null = element; at; at = at.parentElement ?? (at.getRootNode() as ShadowRoot).host ?? null) {
      const [r = 0, g = 0, b = 0, a = 1] = (getComputedStyle(at).backgroundColor.match(/[\d.]+/gu) ?? []).map(Number);
      if (a > 0) return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
    }
    return 1;
  });

/** Pages for whoever uses no mouse, a phone, the dark, or a screen reader. */
export const everyone = (stage: () => Stage): void => {
  test("the widget is used with the keyboard alone, from opening to closing", async () => {
    const { tenant: found, visitor: enter, agent } = stage();
    const tenant = await found();
    const [visitor, desk] = await Promise.all([enter(tenant), agent(tenant)]);
    const { keyboard } = visitor.page;
    await tabTo(visitor.page, visitor.launcher);
    await keyboard.press("Enter");
    await expect(visitor.field.and(visitor.page.locator(":focus"))).toShow();
    await keyboard.type("Typed without a mouse");
    await keyboard.press("Enter");
    await desk.find("Queue", "Typed without a mouse");
    await desk.reply("Answered");
    await expect(visitor.text("Answered")).toShow();

    const actions = visitor.message("Answered").getByRole("button", { name: "Message actions" });
    await tabTo(visitor.page, actions);
    await keyboard.press("Enter");
    await tabTo(visitor.page, visitor.message("Answered").getByRole("button", { name: "👍" }));
    await keyboard.press("Enter");
    await expect(desk.message("Answered").getByText("👍")).toShow();

    await keyboard.press("Escape");
    await expect(visitor.chat).toVanish();
    await expect(visitor.launcher.and(visitor.page.locator(":focus"))).toShow();
  });

  test("the desktop is used with the keyboard alone, from signing in to resolving", async () => {
    const { tenant: found, visitor: enter, page: open, deskDoor } = stage();
    const tenant = await found({ strategy: "least_loaded" });
    const visitor = await enter(tenant);
    await visitor.openChat();
    await visitor.say("Is the keyboard enough?");
    const page = await open();
    const desk = new Desk(page);
    await page.goto(`${deskDoor.url}/desktop`);
    await expect(page.getByRole("textbox", { name: "E-mail" }).and(page.locator(":focus"))).toShow();
    await page.keyboard.type(tenant.agents[0]!.email);
    await page.keyboard.press("Tab");
    await page.keyboard.type(password);
    await page.keyboard.press("Enter");
    await expect(desk.row("Is the keyboard enough?")).toShow();
    await page.keyboard.press("j");
    await expect(desk.row("Is the keyboard enough?").locator("button:focus")).toShow();
    await page.keyboard.press("Enter");
    await expect(desk.field).toShow();
    await page.keyboard.press("r");
    await page.keyboard.type("It is.");
    await page.keyboard.press("Enter");
    await expect(visitor.text("It is.")).toShow();
    await page.keyboard.press("Escape");
    await page.keyboard.press("n");
    await page.keyboard.type("Wants no mouse");
    await page.keyboard.press("Enter");
    await expect(desk.message("Wants no mouse")).toShow();
    await page.keyboard.press("Escape");
    await page.keyboard.press("e");
    await expect(visitor.text(/ended the conversation$/u)).toShow();
  });

  test("on a phone the widget fills the screen, and nothing sticks out", async () => {
    const { tenant: found, visitor: enter, window } = stage();
    const tenant = await found();
    const visitor = await enter(tenant, { window: await window(phone) });
    await visitor.launcher.tap();
    await visitor.say("From the bus, with_one_very_long_word_that_has_no_place_to_break_in_it_at_all");
    const box = await visitor.chat.boundingBox();
    expect(box).toMatchObject({ x: 0, width: phone.viewport.width });
    expect(box!.height).toBeGreaterThan(phone.viewport.height * 0.95);
    expect(await overflowOf(visitor.page)).toBeLessThanOrEqual(0);
    await visitor.closeChat();
    await expect(visitor.launcher).toShow();
  });

  test("on a phone the desktop shows the list, then the conversation, and leads back", async () => {
    const { tenant: found, visitor: enter, agent, window } = stage();
    const tenant = await found();
    const visitor = await enter(tenant);
    await visitor.openChat();
    await visitor.say("Are you on the move?");
    const desk = await agent(tenant, { window: await window(phone) });
    await desk.tab("Queue").tap();
    await desk.row("Are you on the move?").tap();
    await expect(desk.message("Are you on the move?")).toShow();
    await expect(desk.list).toVanish();
    await desk.reply("Always.");
    await expect(visitor.text("Always.")).toShow();
    expect(await overflowOf(desk.page)).toBeLessThanOrEqual(0);
    await desk.pane.getByRole("button", { name: "Back to the list" }).tap();
    await expect(desk.list).toShow();
    expect(await overflowOf(desk.page)).toBeLessThanOrEqual(0);
  });

  test("who prefers the dark gets dark pages that can be read", async () => {
    const { tenant: found, page: open, window, shopDoor, deskDoor } = stage();
    const tenant = await found();
    const dark = await window({ colorScheme: "dark" });
    const visitor = new Visitor(await open(dark));
    await visitor.enterShop(`${shopDoor.url}/demo?inbox=${tenant.inbox.key}`);
    await visitor.openChat();
    await visitor.say("Is it dark?");
    const desk = new Desk(await open(dark));
    await desk.signIn(deskDoor.url, tenant.agents[0]!);
    await desk.find("Queue", "Is it dark?");
    await desk.note("It is.");
    await desk.reply("Yes.");
    await expect(visitor.text("Yes.")).toShow();
    for (const surface of [visitor.log, desk.log, desk.field, desk.list, desk.details])
      expect(await lightnessBehind(surface)).toBeLessThan(0.25);
    expect([...(await barriersOn(visitor.page)), ...(await barriersOn(desk.page))]).toEqual([]);
  });

  test("no serious barrier stands on the sign-in page, the desktop and the open widget", async () => {
    const { page: open, deskDoor } = stage();
    const signIn = await open();
    await signIn.goto(`${deskDoor.url}/desktop`);
    await expect(signIn.getByRole("button", { name: "Sign in" })).toShow();
    expect(await barriersOn(signIn)).toEqual([]);
    const { visitor, desk } = await talk(stage());
    await desk.note("For colleagues");
    await desk.act("What can I do for you?", "React with 🎉");
    await expect(visitor.message("What can I do for you?").getByText("🎉")).toShow();
    expect([...(await barriersOn(visitor.page)), ...(await barriersOn(desk.page))]).toEqual([]);
  });

  const withOwnMessage = async (text: string) => {
    const tenant = await stage().tenant({ roles: ["tenant_admin"] });
    const [visitor, desk] = await Promise.all([stage().visitor(tenant), stage().agent(tenant)]);
    await visitor.openChat();
    await visitor.say("Hello?");
    await desk.find("Queue", "Hello?");
    await desk.reply(text);
    const actions = desk.message(text).getByRole("button", { name: /^Actions for/u });
    return { desk, page: desk.page, actions };
  };
  const focused = (target: Locator) => target.and(target.page().locator(":focus"));

  test("a row of the list is named in short, and says the rest behind its name", async () => {
    const { desk } = await withOwnMessage("A long answer that nobody wants to hear for a name");
    await desk.tab("All").click();
    const row = desk.list.getByRole("button", { name: /^Visitor \w{4} Open \d{1,2}:\d{2}$/u });
    await expect(row).toShow();
    const described = await row.evaluate((element) =>
      (element.getAttribute("aria-describedby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent),
    );
    expect(described).toEqual([expect.stringContaining("A long answer"), expect.stringContaining("You")]);
  });

  test("what lies over the page gives the focus back to what opened it, however many lay over each other", async () => {
    const { page, actions } = await withOwnMessage("Said too soon");
    await actions.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: "Delete" }).press("Enter");
    await expect(focused(page.getByRole("button", { name: "Keep it" }))).toShow();
    await page.keyboard.press("Escape");
    await expect(focused(actions)).toShow();

    await page.goto(`${page.url().split("#")[0]}#/settings/api-keys`);
    const make = page.getByRole("button", { name: "New key" });
    await make.press("Enter");
    const asked = page.getByRole("dialog", { name: "New API key" });
    await asked.getByRole("textbox", { name: "Name" }).fill("Shop");
    await asked.getByRole("checkbox").first().press("Space");
    await page.keyboard.press("Enter");
    const shown = page.getByRole("dialog", { name: "Your API key" });
    await shown.getByRole("button", { name: "I have saved it" }).press("Enter");
    await expect(shown).toVanish();
    await expect(focused(make)).toShow();

    // Whoever had let go of the field does not type into it after a dialog.
    await page.goto(`${page.url().split("#")[0]}#/`);
    await page.keyboard.press("r");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog")).toShow();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toVanish();
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe("BODY");
  });

  test("no serious barrier stands in a menu, a question, a refused dialog and fields with nothing in them, in light and dark", async () => {
    const { desk, page, actions } = await withOwnMessage("Said too soon");
    const check = async (what: string) => {
      for (const colorScheme of ["dark", "light"] as const) {
        await page.emulateMedia({ colorScheme });
        // Colours may be on their way for a moment.
        await expect.poll(() => barriersOn(page), { message: `${what}, ${colorScheme}`, timeout: 3_000 }).toEqual([]);
      }
    };
    await desk.tab("All").click();
    await check("fields with nothing in them");
    await desk.message("Said too soon").hover();
    await actions.click();
    await expect(page.getByRole("menuitem", { name: "Delete" })).toShow();
    await check("a menu");
    await page.getByRole("menuitem", { name: "Delete" }).click();
    const asked = page.getByRole("dialog", { name: "Delete this message?" });
    await expect(asked.getByRole("button", { name: "Delete" })).toShow();
    await check("a question");
    await page.keyboard.press("Escape");
    await expect(asked).toVanish();

    await page.goto(`${page.url().split("#")[0]}#/settings/departments`);
    await page.getByRole("button", { name: "New department" }).click();
    const dialog = page.getByRole("dialog", { name: "New department" });
    await dialog.getByRole("textbox", { name: "Name" }).fill("Support");
    await dialog.getByRole("button", { name: "Create" }).click();
    await expect(dialog.getByRole("alert")).toShow();
    await check("a refused dialog");
  });
};
