import { randomUUID } from "node:crypto";
import { generate } from "otplib";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { eventually } from "../../support/wait.ts";
import { password } from "../../support/tenant.ts";
import { barriersOn } from "../axe.ts";
import { Desk } from "../desk.ts";
import type { Stage } from "../stage.ts";

/** The page a mailed link to `to` leads to, from its `#` on. */
const mailedPage = (stage: Stage, to: string, page: string): Promise<string> =>
  eventually(async () => {
    const response = await fetch(`${stage.cluster.list[0]!.url}/outbox.json?to=${encodeURIComponent(to)}`);
    const { data } = (await response.json()) as { data: { text: string }[] };
    return data.map(({ text }) => new RegExp(`#/${page}\\?\\S+`, "u").exec(text)?.[0]).find(Boolean);
  }, `a mail to ${to} with a link to ${page}`);

const field = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** How a company and its people come in. */
export const joining = (stage: () => Stage): void => {
  test("a company signs itself up, invites somebody, who accepts and can sign in from then on", async () => {
    const { page: open, deskDoor } = stage();
    const mark = randomUUID().slice(0, 8);
    const page = await open();
    await page.goto(`${deskDoor.url}/desktop`);
    await page.getByRole("link", { name: "Create a workspace" }).click();
    await field(page, "Company").fill(`Orchard ${mark}`);
    await expect.poll(() => field(page, "Short name").inputValue()).toBe(`orchard-${mark}`);
    await field(page, "Your name").fill("Olive Orchard");
    await field(page, "E-mail").fill(`olive-${mark}@orchard.test`);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await button(page, "Create the workspace").click();
    const owner = new Desk(page);
    await owner.list.waitFor();
    await expect(page.getByText(`Orchard ${mark}`).first()).toShow();

    const steps = page.getByRole("region", { name: "First steps" });
    const step = (title: string) => steps.getByRole("listitem").filter({ hasText: title });
    await expect(steps.getByText(/data-inbox-key="/u)).toShow();
    await expect(step("Invite your team").getByLabel("To do:")).toShow();
    expect(await barriersOn(page)).toEqual([]);
    // Nobody is given conversations before they say that they take them.
    const available = page.getByRole("switch", { name: /^Available/u });
    expect(await available.getAttribute("aria-checked")).toBe("false");
    await button(page, "Take conversations").click();
    await expect.poll(() => available.getAttribute("aria-checked")).toBe("true");
    await expect(button(page, "Take conversations")).toVanish();

    // Whoever has mails sent to others has shown that theirs arrive.
    const mailed = await open();
    await mailed.goto(
      `${deskDoor.url}/desktop/${await mailedPage(stage(), `olive-${mark}@orchard.test`, "confirm-email")}`,
    );
    await button(mailed, "Confirm my address").click();
    await expect(mailed.getByText("Your address is confirmed. Thank you.")).toShow();

    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "People" }).click();
    await button(page, "Invite").click();
    const invited = `nadia-${mark}@orchard.test`;
    const dialog = page.getByRole("dialog", { name: "Invite somebody" });
    await dialog.getByRole("textbox", { name: "E-mail" }).fill(invited);
    await dialog.getByRole("button", { name: "Send the invitation" }).click();
    await expect(page.getByRole("list", { name: "Invitations" }).getByText(invited)).toShow();
    await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Conversations" }).click();
    await expect(step("Invite your team").getByLabel("Done:")).toShow();
    await button(page, "Dismiss the first steps").click();
    await expect(steps).toVanish();

    const guest = await open();
    await guest.goto(`${deskDoor.url}/desktop/${await mailedPage(stage(), invited, "invitation")}`);
    await expect(guest.getByRole("heading", { name: `Join Orchard ${mark}` })).toShow();
    await field(guest, "Your name").fill("Nadia Okoye");
    await guest.getByLabel("Password", { exact: true }).fill(password);
    await button(guest, "Join the workspace").click();
    const joined = new Desk(guest);
    await joined.list.waitFor();
    expect(new URL(guest.url()).hash).toBe("");
    // The inviter's department was chosen for them, and they are asked as well.
    await expect(button(guest, "Take conversations")).toShow();
    await button(guest, "Not now").click();
    await guest.reload();
    await joined.list.waitFor();
    expect(await guest.getByRole("switch", { name: /^Available/u }).getAttribute("aria-checked")).toBe("false");
    expect(await button(guest, "Take conversations").count()).toBe(0);

    await guest.getByRole("button", { name: "Signed in as Nadia Okoye" }).click();
    await guest.getByRole("menuitem", { name: "Sign out" }).click();
    await joined.signIn(deskDoor.url, { id: "", name: "", role: "agent", email: invited });
  });

  test("a forgotten password is replaced by a mailed link, once, and the old one no longer lets in", async () => {
    const { tenant: found, page: open, deskDoor } = stage();
    const tenant = await found();
    const { email } = tenant.agents[0]!;
    const page = await open();
    await page.goto(`${deskDoor.url}/desktop`);
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await field(page, "E-mail").fill(email);
    await button(page, "Send me a link").click();
    await expect(page.getByText(/a link is on its way/u)).toShow();

    const link = `${deskDoor.url}/desktop/${await mailedPage(stage(), email, "reset-password")}`;
    await page.goto(link);
    await field(page, "New password").fill("another long password");
    await button(page, "Change the password").click();
    await expect(page.getByText(/Your password is changed/u)).toShow();
    await page.getByRole("link", { name: "Sign in" }).click();
    const desk = new Desk(page);
    await desk.askIn(deskDoor.url, email, password);
    await expect(page.getByRole("alert").getByText("The e-mail address or the password is wrong.")).toShow();
    await desk.askIn(deskDoor.url, email, "another long password");
    await desk.list.waitFor();

    const late = await open();
    await late.goto(link);
    await field(late, "New password").fill("yet another password");
    await button(late, "Change the password").click();
    await expect(late.getByText("This link has been used or has expired. Ask for a new one.")).toShow();
  });

  test("with a second factor signing in asks for a code as well, and a wrong one does not let in", async () => {
    const { tenant: found, agent: signIn, deskDoor } = stage();
    const tenant = await found();
    const desk = await signIn(tenant);
    const { page } = desk;
    await page.getByRole("link", { name: "Settings" }).click();
    await button(page, "Set it up…").click();
    await field(page, "Your password").fill(password);
    await button(page, "Continue").click();
    await expect(page.getByRole("img", { name: "QR code of the secret" })).toShow();
    const secret = await page.getByLabel("Secret", { exact: true }).innerText();
    await field(page, "Code").fill(await generate({ secret }));
    await button(page, "Turn it on").click();
    const codes = page.getByRole("dialog", { name: "Your recovery codes" });
    const [recovery] = (await codes.getByLabel("Codes", { exact: true }).innerText()).split("\n");
    await codes.getByRole("button", { name: "I have saved them" }).click();
    await expect(page.getByText(/^Signing in asks for a code/u)).toShow();

    await page.getByRole("button", { name: /^Signed in as/u }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await desk.askIn(deskDoor.url, tenant.agents[0]!.email, password);
    await field(page, "Code").fill("000000");
    await button(page, "Sign in").click();
    await expect(page.getByRole("alert").getByText(/^The code is wrong/u)).toShow();
    await field(page, "Code").fill(recovery!);
    await button(page, "Sign in").click();
    await desk.list.waitFor();
  });

  test("whoever belongs to two workspaces chooses one, and goes on in the other without a password", async () => {
    const { tenant: found, cluster, page: open, deskDoor } = stage();
    const [first, second] = [await found(), await found()];
    const { id, email } = first.agents[0]!;
    await cluster.superuser.query(
      "INSERT INTO memberships (tenant_id, user_id, role, capacity) VALUES ($1, $2, 'agent', 5)",
      [second.id, id],
    );
    const desk = new Desk(await open());
    await desk.askIn(deskDoor.url, email, password);
    await desk.page.getByRole("button", { name: first.name }).click();
    await desk.list.waitFor();
    await expect(desk.page.getByRole("region", { name: "Workspace" }).getByText(first.name)).toShow();
    await desk.page.getByRole("button", { name: /^Signed in as/u }).click();
    await desk.page.getByRole("menuitem", { name: second.name }).click();
    await expect(desk.page.getByRole("region", { name: "Workspace" }).getByText(second.name)).toShow();
    await desk.page.reload();
    await expect(desk.page.getByRole("region", { name: "Workspace" }).getByText(second.name)).toShow();
  });

  const signUp = async (page: Page, url: string) => {
    const mark = randomUUID().slice(0, 8);
    const email = `olive-${mark}@orchard.test`;
    await page.goto(`${url}/desktop/#/sign-up`);
    await field(page, "Company").fill(`Orchard ${mark}`);
    await field(page, "Your name").fill("Olive Orchard");
    await field(page, "E-mail").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await button(page, "Create the workspace").click();
    await new Desk(page).list.waitFor();
    return email;
  };

  const banner = (page: Page) => page.getByRole("region", { name: "Your address" });

  test("whoever signed up is asked to confirm their address until they have followed the mailed link", async () => {
    const { window, page: open, deskDoor } = stage();
    const browser = await window();
    const page = await open(browser);
    const email = await signUp(page, deskDoor.url);
    await expect(
      banner(page).getByText(`Please confirm that ${email} is your address: follow the link in the mail we sent.`),
    ).toShow();
    expect(await barriersOn(page)).toEqual([]);
    await banner(page).getByRole("button", { name: "Send it again" }).click();
    await expect(banner(page).getByText(`We have sent a link to ${email}`)).toShow();
    await page.getByRole("link", { name: "Settings" }).click();
    const part = page.getByRole("region", { name: "E-mail" });
    await expect(part.getByText("Not confirmed")).toShow();

    // As from a mail: a tab of its own, in the browser where they are signed in.
    const tab = await open(browser);
    await tab.goto(`${deskDoor.url}/desktop/${await mailedPage(stage(), email, "confirm-email")}`);
    await expect(button(tab, "Confirm my address")).toShow();
    expect(await barriersOn(tab)).toEqual([]);
    await button(tab, "Confirm my address").click();
    await expect(tab.getByText("Your address is confirmed. Thank you.")).toShow();
    await tab.getByRole("link", { name: "Go to the desktop" }).click();
    await new Desk(tab).list.waitFor();

    // No window of a browser that nobody looks at ever gets or loses the focus.
    await page.evaluate(() => globalThis.dispatchEvent(new Event("focus")));
    await expect(part.getByText("Confirmed", { exact: true })).toShow();
    await expect(banner(page)).toVanish();
  });

  test("whoever puts off confirming their address is not asked again in that tab, and finds it in their account", async () => {
    const { window, page: open, deskDoor } = stage();
    const page = await open(await window({ colorScheme: "dark" }));
    await signUp(page, deskDoor.url);
    await expect(banner(page)).toShow();
    expect(await barriersOn(page)).toEqual([]);
    await banner(page).getByRole("button", { name: "Dismiss" }).click();
    await expect(banner(page)).toVanish();
    const known = page.waitForResponse((response) => response.url().endsWith("/api/v1/me"));
    await page.reload();
    await known;
    await page.getByRole("link", { name: "Settings" }).click();
    const part = page.getByRole("region", { name: "E-mail" });
    await part.getByRole("button", { name: "Send a link" }).click();
    await expect(part.getByText("Sent. Please check your mail.")).toShow();
    expect(await banner(page).count()).toBe(0);
  });

  test("a link to confirm an address that has run out says so, and whoever is signed in has a new one sent", async () => {
    const { window, page: open, deskDoor } = stage();
    const spent = `${deskDoor.url}/desktop/#/confirm-email?token=run-out`;
    const stranger = await open();
    await stranger.goto(spent);
    await button(stranger, "Confirm my address").click();
    await expect(stranger.getByRole("alert").getByText(/expired. Sign in to have a new one sent/u)).toShow();

    const browser = await window();
    const email = await signUp(await open(browser), deskDoor.url);
    const page = await open(browser);
    await page.goto(spent);
    await button(page, "Confirm my address").click();
    await button(page, "Send a new one").click();
    await expect(page.getByText(`A new link is on its way to ${email}.`)).toShow();
    await page.goto(`${deskDoor.url}/desktop/${await mailedPage(stage(), email, "confirm-email")}`);
    await button(page, "Confirm my address").click();
    await expect(page.getByText("Your address is confirmed. Thank you.")).toShow();
  });

  test("a link that is not complete says so", async () => {
    const { page: open, deskDoor } = stage();
    const page = await open();
    await page.goto(`${deskDoor.url}/desktop/#/invitation`);
    await expect(page.getByRole("alert").getByText(/This link is incomplete/u)).toShow();
    for (const name of ["reset-password", "confirm-email"]) {
      await page.goto(`${deskDoor.url}/desktop/#/${name}`);
      await expect(
        page.getByRole("main", { name: /^(Choose|Confirm)/u }).getByText(/This link is incomplete/u),
      ).toShow();
    }
  });
};
