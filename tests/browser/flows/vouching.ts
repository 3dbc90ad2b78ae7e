import type { Page } from "playwright-core";
import jwt from "jsonwebtoken";
import { expect, test } from "vitest";
import { identityToken } from "../../support/people.ts";
import type { TestTenant } from "../../support/tenant.ts";
import type { Stage } from "../stage.ts";
import { Visitor } from "../visitor.ts";

const expired = ({ inbox }: TestTenant) =>
  jwt.sign({ sub: "customer-1", exp: Math.floor(Date.now() / 1_000) - 600 }, inbox.identitySecret);

/** How a site says who its visitor is, and what becomes of the chat when it can't. */
export const vouching = (stage: () => Stage): void => {
  /** In the demo shop, with all that the page's developer could read. */
  const enter = async (tenant: TestTenant) => {
    const page = await (await stage().window()).newPage();
    const lines: string[] = [];
    page.on("console", (message) => message.text().startsWith("Parley:") && lines.push(message.text()));
    const visitor = new Visitor(page);
    await visitor.enterShop(`${stage().shopDoor.url}/demo?inbox=${tenant.inbox.key}`);
    return { visitor, page, lines };
  };
  const identify = (page: Page, script: string) => page.evaluate(`void window.Parley.identify(${script})`);
  const written = async (visitor: Visitor, text: string) => {
    await visitor.say(text);
    await expect(visitor.message(text).getByText(/^(Sent|Delivered|Read)$/u)).toShow();
  };

  test("a function is asked again where its token has run out or it fails, and the visitor notices nothing", async () => {
    const tenant = await stage().tenant();
    const { visitor, page, lines } = await enter(tenant);
    const tokens = JSON.stringify([expired(tenant), "", identityToken(tenant, "customer-1")]);
    await identify(
      page,
      `(() => { const tokens = ${tokens}; return async () => {
      const token = tokens.length > 1 ? tokens.shift() : tokens[0]; if (!token) throw new Error("away"); return token } })()`,
    );
    await visitor.openChat();
    await written(visitor, "It is me");
    expect(lines).toEqual([expect.stringContaining("the function handed to Parley.identify failed")]);
    const { rows } = await stage().cluster.superuser.query("SELECT verified FROM contacts WHERE tenant_id = $1", [
      tenant.id,
    ]);
    expect(rows).toEqual([{ verified: true }]);
  });

  test("a token that has run out is asked of the page by an event, and the chat goes on where it was", async () => {
    const tenant = await stage().tenant();
    const { visitor, page, lines } = await enter(tenant);
    await identify(page, JSON.stringify(identityToken(tenant, "customer-1")));
    await visitor.openChat();
    await written(visitor, "First");
    await page.evaluate(`void window.Parley.on("identity-expired", () => { window.asked = (window.asked ?? 0) + 1 })`);
    await identify(page, JSON.stringify(expired(tenant)));
    await expect(visitor.chat.getByRole("alert").getByText("Your sign-in on this site has expired.")).toShow();
    await expect.poll(() => page.evaluate("window.asked")).toBe(1);
    await expect(visitor.text("First")).toShow();
    expect(lines).toEqual([
      "Parley: The identity token has expired. Hand Parley.identify a function that fetches a new one.",
    ]);
    await identify(page, JSON.stringify(identityToken(tenant, "customer-1")));
    await written(visitor, "Second");
    await expect(visitor.text("First")).toShow();
  });

  test("who can't be vouched for goes on as a guest only by their own choice, and as somebody else", async () => {
    const tenant = await stage().tenant();
    const { visitor, page, lines } = await enter(tenant);
    await identify(page, JSON.stringify(identityToken(tenant, "customer-1")));
    await visitor.openChat();
    await written(visitor, "Of the customer");
    await identify(page, JSON.stringify(jwt.sign({ sub: "customer-1" }, "another secret", { expiresIn: "5m" })));
    await expect(visitor.chat.getByRole("alert").getByText("Your sign-in could not be confirmed.")).toShow();
    expect(lines).toEqual([expect.stringContaining("not signed with the identity secret of this inbox")]);
    await visitor.chat.getByRole("button", { name: "Continue as a guest" }).click();
    await written(visitor, "Of a guest");
    expect(await visitor.reads()).not.toContain("Of the customer");
    await identify(page, JSON.stringify(identityToken(tenant, "customer-1")));
    await expect(visitor.chat.getByText("Of the customer").first()).toShow();
    await expect(visitor.chat.getByText("Of a guest")).toVanish();
  });
};
