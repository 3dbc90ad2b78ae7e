import { expect, test } from "vitest";
import { barriersOn } from "../axe.ts";
import type { Desk } from "../desk.ts";
import type { Stage } from "../stage.ts";
import { choice, choose } from "./handling.ts";
import { talk } from "./talking.ts";

const turnTo = async ({ page }: Desk, section: string) => {
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: section }).click();
};

const staff = async (stage: Stage) => {
  const tenant = await stage.tenant({ roles: ["tenant_admin", "agent"] });
  const [admin, agent] = tenant.agents;
  return { tenant, admin: admin!, agent: agent! };
};

/** What admins set, and who feels it. */
export const settling = (stage: () => Stage): void => {
  test("a change of role is felt at once by who holds it, without being signed out", async () => {
    const { tenant, admin, agent } = await staff(stage());
    const [visitor, desk, theirs] = await Promise.all([
      stage().visitor(tenant),
      stage().agent(tenant, { agent: admin }),
      stage().agent(tenant, { agent }),
    ]);
    await visitor.openChat();
    await visitor.say("Hello?");
    await theirs.find("Queue", "Hello?");
    await expect(theirs.pane.getByRole("button", { name: "Take", disabled: false })).toShow();

    await turnTo(desk, "People");
    await desk.page.getByRole("button", { name: `Actions for ${agent.name}` }).click();
    await desk.page.getByRole("menuitem", { name: "Change…" }).click();
    const dialog = desk.page.getByRole("dialog", { name: `Change ${agent.name}` });
    await dialog.getByLabel("Role").click();
    await desk.page.getByRole("option", { name: /^(Read only|read_only)$/u }).click();
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(dialog).toVanish();
    // Whoever works by keyboard goes on where they were.
    await expect
      .poll(() => desk.page.evaluate(() => document.activeElement?.getAttribute("aria-label")))
      .toBe(`Actions for ${agent.name}`);

    const take = theirs.pane.getByRole("button", { name: "Take", disabled: true });
    await expect(take).toShow();
    await expect.poll(() => take.getAttribute("aria-description")).toMatch(/Your role doesn't include/u);
    await expect(theirs.message("Hello?")).toShow();
  });

  test("a department's settings are kept, and another one is made and deleted", async () => {
    const { tenant, admin } = await staff(stage());
    const desk = await stage().agent(tenant, { agent: admin });
    const { page } = desk;
    await turnTo(desk, "Departments");
    await page.getByRole("link", { name: "Support" }).click();
    await page.getByRole("switch", { name: "Agents accept or decline" }).click({ force: true });
    await page.getByRole("textbox", { name: "Seconds to answer" }).fill("45");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("Saved")).toShow();
    await page.reload();
    await expect.poll(() => page.getByRole("textbox", { name: "Seconds to answer" }).inputValue()).toBe("45");

    await page.getByRole("link", { name: "All departments" }).click();
    await page.getByRole("button", { name: "New department" }).click();
    const dialog = page.getByRole("dialog", { name: "New department" });
    await dialog.getByRole("textbox", { name: "Name" }).fill("Billing");
    await dialog.getByRole("button", { name: "Create" }).click();
    await expect(page.getByRole("heading", { name: "Billing" })).toShow();
    await page.getByRole("link", { name: "All departments" }).click();
    await page.getByRole("button", { name: "Actions for Billing" }).click();
    await page.getByRole("menuitem", { name: "Delete…" }).click();
    await page.getByRole("dialog", { name: "Delete Billing?" }).getByRole("button", { name: "Delete" }).click();
    await expect(page.getByRole("link", { name: "Billing" })).toVanish();
  });

  test("another policy is tried on what was decided, and leads to the conversations that would have gone otherwise", async () => {
    const tenant = await stage().tenant({ roles: ["tenant_admin", "agent"], strategy: "least_loaded" });
    const [desk, , visitor] = await Promise.all([
      stage().agent(tenant),
      stage().agent(tenant, { agent: tenant.agents[1]! }),
      stage().visitor(tenant),
    ]);
    const { page } = desk;
    await visitor.openChat();
    await visitor.say("Who knows me?");
    await expect(visitor.log.getByText(/joined the conversation$/u)).toShow();
    const { rows } = await stage().cluster.superuser.query<{ id: string }>(
      "SELECT assignee_id AS id FROM conversations WHERE tenant_id = $1",
      [tenant.id],
    );
    const had = tenant.agents.find(({ id }) => id === rows[0]!.id)!;
    const other = tenant.agents.find(({ id }) => id !== had.id)!;
    await desk.find("All", "Who knows me?");
    await choose(desk, "Owner of the contact", new RegExp(`^${other.name}`, "u"));
    await expect.poll(() => choice(desk, "Owner of the contact").inputValue()).toMatch(other.name);

    await turnTo(desk, "Departments");
    await page.getByRole("link", { name: "Support" }).click();
    const part = page.getByRole("region", { name: "Try another policy" });
    const outcome = part.getByRole("region", { name: "Result" });
    await part.getByRole("combobox", { name: "Decisions of" }).click();
    await page.getByRole("option", { name: "From one day to another" }).click();
    await part.getByLabel("From", { exact: true }).fill("2020-01-01");
    await part.getByLabel("To", { exact: true }).fill("2020-02-29");
    const tryIt = part.getByRole("button", { name: "Try it" });
    expect(await tryIt.getAttribute("aria-description")).toBe("At most 31 days can be tried at once");
    await part.getByLabel("To", { exact: true }).fill("2020-01-31");
    await tryIt.click();
    await expect(outcome.getByText("Nothing was decided in this period. Choose a longer one.")).toShow();

    await part.getByRole("combobox", { name: "Decisions of" }).click();
    await page.getByRole("option", { name: "The last day" }).click();
    await part.getByRole("combobox", { name: "Returning contacts go first to" }).click();
    await page.getByRole("option", { name: "The contact's owner" }).click();
    await tryIt.click();
    await expect(outcome.getByText("1 of 1 decision would have gone to somebody else.")).toShow();
    const agents = outcome.getByRole("table", { name: "Conversations per agent" });
    await expect(agents.getByRole("row", { name: `${had.name} 1 0 −1` })).toShow();
    await expect(agents.getByRole("row", { name: `${other.name} 0 1 +1` })).toShow();
    await expect(outcome.getByText(`The contact would have come back to ${other.name}.`)).toShow();
    expect(await barriersOn(page)).toEqual([]);
    await outcome.getByRole("link", { name: /^The conversation of/u }).click();
    await expect(desk.message("Who knows me?")).toShow();
  });

  test("behind the settings stays open what was open, and the back button leads there too", async () => {
    const { desk } = await talk(stage());
    await turnTo(desk, "Your account");
    await desk.page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Conversations" }).click();
    await expect(desk.message("What can I do for you?")).toShow();
    await turnTo(desk, "Your account");
    await desk.page.goBack();
    await desk.page.goBack();
    await expect(desk.message("What can I do for you?")).toShow();
  });

  test("what a role does not show is not in the list, and its address says why", async () => {
    const { tenant, agent } = await staff(stage());
    const desk = await stage().agent(tenant, { agent });
    await desk.page.getByRole("link", { name: "Settings" }).click();
    const links = desk.page.getByRole("navigation", { name: "Settings" }).getByRole("link");
    await expect(links.getByText("Your account")).toShow();
    expect(await links.getByText("API keys").count()).toBe(0);
    expect(await links.getByText("Plan and usage").count()).toBe(0);
    await desk.page.goto(`${desk.page.url().split("#")[0]}#/settings/api-keys`);
    await expect(desk.page.getByText("You don't have access to this")).toShow();
    await expect(
      desk.page.getByRole("main").getByText("Your role doesn't include: Create and revoke API keys", { exact: true }),
    ).toShow();
  });

  test("every page of the settings shows what there is and bars nobody, in light and dark and on a phone", async () => {
    const { tenant, admin } = await staff(stage());
    const desk = await stage().agent(tenant, { agent: admin });
    const { page } = desk;
    await page.getByRole("link", { name: "Settings" }).click();
    const links = page.getByRole("navigation", { name: "Settings" }).getByRole("link");
    await expect(links.last()).toShow();
    const names = (await links.allInnerTexts()).map((name) => name.trim()).filter((name) => name !== "Conversations");
    expect(names.length).toBe(10);
    for (const scheme of ["Dark colours", "Light colours"]) {
      await page.getByRole("button", { name: scheme }).click();
      for (const name of names) {
        await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name }).click();
        const main = page.getByRole("main", { name });
        await expect(main.getByRole("heading", { level: 1 })).toShow();
        await expect.poll(() => main.getByLabel("Loading").count()).toBe(0);
        expect(await main.getByRole("alert").allInnerTexts()).toEqual([]);
        expect(await barriersOn(page), `${name}, ${scheme}`).toEqual([]);
      }
    }
    await page.setViewportSize({ width: 390, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wide).toBe(false);
  });
};
