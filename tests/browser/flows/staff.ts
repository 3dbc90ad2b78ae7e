import { randomUUID } from "node:crypto";
import type { Locator, Page, Route } from "playwright-core";
import { expect, test } from "vitest";
import { staffOf } from "../../rest/platform/support.ts";
import { password, type TestTenant } from "../../support/tenant.ts";
import { barriersOn } from "../axe.ts";
import { Desk } from "../desk.ts";
import type { Stage } from "../stage.ts";

/** One of Parley's staff who has just signed in and sees the workspaces, with the password of everybody in these tests. */
const staffAt = async (
  { cluster, page: open, deskDoor }: Stage,
  tenant: TestTenant,
  role: "super_admin" | "platform_support" = "super_admin",
): Promise<Page> => {
  const { member } = await staffOf(cluster, role, role === "super_admin" ? "Rosa Root" : "Sam Support");
  await cluster.superuser.query(
    "UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE id = $1) WHERE id = $2",
    [tenant.agents[0]!.id, member.id],
  );
  const page = await open();
  await new Desk(page).askIn(deskDoor.url, member.email, password);
  await expect(page.getByRole("heading", { name: "Workspaces" })).toShow();
  return page;
};

const find = async (page: Page, { name, slug }: TestTenant): Promise<void> => {
  await page.getByRole("textbox", { name: "Search workspaces" }).fill(slug);
  await page.getByRole("link", { name }).click();
  await expect(page.getByRole("heading", { name })).toShow();
};

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const banner = (page: Page) => page.getByRole("region", { name: "Acting as somebody else" });
const impersonations = (page: Page) => page.getByRole("list", { name: /^Impersonations/u });

/** The dialog behind the admin's button, once it has put the cursor where it begins: what is typed before would go astray. */
const askToAct = async (page: Page, admin: string): Promise<Locator> => {
  await button(page, `Act as ${admin}`).click();
  const dialog = page.getByRole("dialog", { name: /^Act as a member of/u });
  await dialog.locator("textarea:focus").waitFor();
  return dialog;
};

/** As the admin whose button it is, or as another `member` who is looked for. */
const actAs = async (page: Page, name: string, member?: string): Promise<void> => {
  const dialog = await askToAct(page, name);
  if (member !== undefined) {
    await dialog.getByRole("combobox", { name: "Member" }).fill(member);
    await page.getByRole("option", { name: member }).click();
  }
  await dialog.getByRole("textbox", { name: "Reason" }).fill("A conversation does not load.");
  await dialog.getByRole("button", { name: "Start" }).click();
  await expect(banner(page)).toShow();
};

/** What Parley's own staff do about the workspaces of customers. */
export const staff = (stage: () => Stage): void => {
  test("staff begin with all workspaces, and one they suspend is shut until they resume it", async () => {
    const tenant = await stage().tenant({ roles: ["tenant_admin"] });
    const [page, desk] = await Promise.all([staffAt(stage(), tenant), stage().agent(tenant)]);
    await find(page, tenant);
    await button(page, "Suspend…").click();
    const dialog = page.getByRole("dialog", { name: `Suspend ${tenant.name}?` });
    await expect(dialog.getByText(/signed out at once/u)).toShow();
    await dialog.getByRole("textbox", { name: "Reason" }).fill("Unpaid invoices.");
    await dialog.getByRole("button", { name: "Suspend" }).click();
    await expect(dialog).toVanish();
    await expect(desk.page.getByRole("alert").getByText("This workspace is suspended.")).toShow();
    await expect(page.getByText("Unpaid invoices.")).toShow();
    const act = page.getByRole("button", { name: "Act as a member…", disabled: true });
    expect(await act.getAttribute("aria-description")).toMatch(/resume it first/u);

    await button(page, "Resume…").click();
    await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
    await expect(button(page, "Suspend…")).toShow();
    await button(desk.page, "Sign in again").click();
    await expect(desk.list).toShow();
  });

  test("staff make a workspace for a customer and set its plan", async () => {
    const page = await staffAt(stage(), await stage().tenant());
    const mark = randomUUID().slice(0, 8);
    await button(page, "New workspace").click();
    const dialog = page.getByRole("dialog", { name: "New workspace" });
    await dialog.getByRole("textbox", { name: "Company" }).fill(`Initech ${mark}`);
    await dialog.getByRole("textbox", { name: "Owner's name" }).fill("Olive Initech");
    await dialog.getByRole("textbox", { name: "Owner's e-mail" }).fill(`olive-${mark}@initech.test`);
    await dialog.getByRole("button", { name: "Create the workspace" }).click();
    await expect(page.getByRole("heading", { name: `Initech ${mark}` })).toShow();
    await expect(page.getByText(/^Pro: on trial until/u)).toShow();
    await expect(page.getByRole("list", { name: "Admins" }).getByText("Olive Initech")).toShow();

    await button(page, "Change the plan…").click();
    const plan = page.getByRole("dialog", { name: `Plan of Initech ${mark}` });
    await plan.getByRole("combobox", { name: "Plan" }).click();
    await page.getByRole("option", { name: "Basic" }).click();
    await plan.getByRole("combobox", { name: "Subscription" }).click();
    // Only what can follow a trial.
    await expect.poll(() => page.getByRole("option").allInnerTexts()).toEqual(["On trial", "Active", "Canceled"]);
    await page.getByRole("option", { name: "Active" }).click();
    await plan.getByRole("button", { name: "Set the plan" }).click();
    await expect(page.getByText("Basic: active")).toShow();
    await expect(page.getByText("1 of 3")).toShow();
  });

  test("in a member's place staff look only, under a banner, and End leads back to their own session", async () => {
    const tenant = await stage().tenant({ roles: ["tenant_admin", "agent"] });
    const [admin, agent] = tenant.agents;
    const visitor = await stage().visitor(tenant);
    await visitor.openChat();
    await visitor.say("It does not load.");
    const page = await staffAt(stage(), tenant, "platform_support");
    await find(page, tenant);
    const cookies = await page.context().cookies();
    await actAs(page, admin!.name, agent!.name);
    await expect(banner(page).getByText(`You act as ${agent!.name} of ${tenant.name}, read only, until`)).toShow();
    const desk = new Desk(page);
    await desk.find("Queue", "It does not load.");
    await expect(desk.message("It does not load.")).toShow();
    expect(await desk.field.isDisabled()).toBe(true);
    const take = desk.pane.getByRole("button", { name: "Take", disabled: true });
    expect(await take.getAttribute("aria-description")).toBe("You can only look here");
    const stored = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
    expect(stored).not.toContain("eyJ");
    expect(await page.context().cookies()).toEqual(cookies);

    await banner(page).getByRole("button", { name: "End" }).click();
    await expect(page.getByRole("heading", { name: tenant.name })).toShow();
    await expect(banner(page)).toVanish();
    await expect(impersonations(page).getByText(`Sam Support as ${agent!.name}`)).toShow();
    await expect(impersonations(page).getByText("In progress")).toVanish();
    await expect(visitor.text("It does not load.")).toShow();
  });

  test("who thinks better of it before the answer stays where they are, and half a name and Enter begins nothing", async () => {
    const tenant = await stage().tenant({ roles: ["tenant_admin", "agent"] });
    const [admin, agent] = tenant.agents;
    const page = await staffAt(stage(), tenant, "platform_support");
    await find(page, tenant);
    const dialog = await askToAct(page, admin!.name);
    const goIn = dialog.getByRole("button", { name: "Start" });
    expect(await goIn.getAttribute("aria-description")).toBe("Enter a reason first");
    await dialog.getByRole("textbox", { name: "Reason" }).fill("A conversation does not load.");
    await dialog.getByRole("combobox", { name: "Member" }).click();
    await page.keyboard.type(agent!.email);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("option", { name: agent!.name })).toShow();
    await page.keyboard.press("Escape");

    const asked = new Promise<Route>((resolve) => {
      void page.route("**/platform/impersonations", resolve, { times: 1 });
    });
    await goIn.click();
    const held = await asked;
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await held.continue();
    await expect(impersonations(page).getByText(/^Sam Support as/u)).toShow();
    expect(await impersonations(page).getByRole("listitem").count()).toBe(1);
    await expect(impersonations(page).getByText("In progress")).toVanish();
    await expect(banner(page)).toVanish();
    const opener = button(page, `Act as ${admin!.name}`);
    expect(await opener.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  test("ended elsewhere, or by a reload, it leads back as well, and a colleague can end what still runs", async () => {
    const tenant = await stage().tenant({ roles: ["tenant_admin"] });
    const admin = tenant.agents[0]!;
    const page = await staffAt(stage(), tenant, "platform_support");
    await find(page, tenant);
    await actAs(page, admin.name);
    const colleague = await staffAt(stage(), tenant);
    await find(colleague, tenant);
    const end = colleague.getByRole("button", { name: `End Sam Support as ${admin.name}` });
    await end.click();
    await expect(end).toVanish();
    await expect(page.getByRole("alert").getByText(/You no longer act as .*: it was ended elsewhere/u)).toShow();
    await expect(page.getByRole("heading", { name: tenant.name })).toShow();

    await actAs(page, admin.name);
    await page.reload();
    await expect(page.getByRole("heading", { name: "Workspaces" })).toShow();
    await expect(page.getByRole("button", { name: "Signed in as Sam Support" })).toShow();
  });

  test("what support staff may not do is greyed out with the reason, and no page bars anybody, in light and dark", async () => {
    const tenant = await stage().tenant({ roles: ["tenant_admin"] });
    const page = await staffAt(stage(), tenant, "platform_support");
    const settings = page.getByRole("navigation", { name: "Settings" });
    const reason = "Your role doesn't include: Create workspaces, suspend and resume them and change their plans";
    const check = async (what: string) => {
      await expect.poll(() => page.getByLabel("Loading").count()).toBe(0);
      for (const scheme of ["Dark colours", "Light colours"]) {
        await button(page, scheme).click();
        expect(await barriersOn(page), `${what}, ${scheme}`).toEqual([]);
      }
    };
    const create = page.getByRole("button", { name: "New workspace", disabled: true });
    expect(await create.getAttribute("aria-description")).toBe(reason);
    await check("workspaces");
    await find(page, tenant);
    for (const name of ["Suspend…", "Change the plan…"])
      expect(await page.getByRole("button", { name, disabled: true }).getAttribute("aria-description")).toBe(reason);
    await actAs(page, tenant.agents[0]!.name);
    await check("acting");
    await banner(page).getByRole("button", { name: "End" }).click();
    await expect(impersonations(page)).toShow();
    await check("one workspace");
    await settings.getByRole("link", { name: "Impersonations" }).click();
    await expect(impersonations(page)).toShow();
    await check("impersonations");
    await page.setViewportSize({ width: 390, height: 800 });
    const sticksOut = () => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    await expect.poll(sticksOut).toBe(false);
    await settings.getByRole("link", { name: "Conversations" }).click();
    await expect(new Desk(page).list).toShow();
  });
};
