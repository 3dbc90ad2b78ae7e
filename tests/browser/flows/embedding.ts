import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { identityToken } from "../../support/people.ts";
import type { TestTenant } from "../../support/tenant.ts";
import type { Stage } from "../stage.ts";
import { Visitor } from "../visitor.ts";

/** A customer's own site: its own server, its own button, and the snippet as the README has it. */
const openSite = async (parley: string, inboxKey: string): Promise<string> => {
  const html = `<!doctype html><html lang="en"><title>A site</title><body><h1>A site</h1>
    <button onclick="this.textContent = 'Bought'">Buy</button>
    <script async src="${parley}/widget.js" data-inbox-key="${inboxKey}"></script></body></html>`;
  const server = createServer((_, response) => response.setHeader("content-type", "text/html").end(html));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** What people try to sneak into text. Each sets a mark or opens a box if it ever runs. */
const payloads = [
  `<img src=x onerror="window.sneaked=1">`,
  `<script>window.sneaked=1</script>`,
  `"><svg onload=window.sneaked=1>`,
  `</textarea></title></style><script>window.sneaked=1</script>`,
  `javascript:window.sneaked=1`,
  `https://example.test/"onmouseover="window.sneaked=1`,
  `[click](javascript:window.sneaked=1)`,
  `<a href="javascript:window.sneaked=1" autofocus onfocus="window.sneaked=1">x</a>`,
  `<iframe srcdoc="<script>parent.sneaked=1</script>"></iframe>`,
  `{{constructor.constructor('window.sneaked=1')()}} \${window.sneaked=1}`,
  `<math><mtext><style><!--</style><img src onerror=window.sneaked=1>--></style>`,
];

/** How the widget is put on a site, and what must not get in through it. */
export const embedding = (stage: () => Stage): void => {
  const signIn = (visitor: Visitor, tenant: TestTenant, claims: Record<string, unknown>) =>
    visitor.page.evaluate(
      (token) => (window as unknown as { Parley: { identify: (token: string) => void } }).Parley.identify(token),
      identityToken(tenant, "customer-1", claims),
    );

  test("any site on the inbox's list embeds the widget with the snippet alone", async () => {
    const { tenant: found, page, agent, shopDoor, cluster } = stage();
    const tenant = await found();
    const site = await openSite(shopDoor.url, tenant.inbox.key);
    await cluster.superuser.query("UPDATE inboxes SET allowed_origins = $1 WHERE id = $2", [[site], tenant.inbox.id]);
    const visitor = new Visitor(await page());
    const desk = await agent(tenant);
    await visitor.enterShop(site);
    await visitor.openChat();
    await visitor.say("From another site");
    await desk.find("Queue", "From another site");
    await desk.reply("Welcome.");
    await expect(visitor.text("Welcome.")).toShow();
  });

  test("on a site that is not on the list the chat says so plainly, its developer what to do, and the site works as before", async () => {
    const { tenant: found, window, shopDoor } = stage();
    const tenant = await found();
    const page = await (await window()).newPage();
    const lines: string[] = [];
    page.on("console", (message) => lines.push(message.text()));
    const visitor = new Visitor(page);
    const site = await openSite(shopDoor.url, tenant.inbox.key);
    await visitor.enterShop(site);
    await visitor.launcher.click();
    const alert = visitor.chat.getByRole("alert");
    await expect(alert.getByText("This chat can't be used on this site.")).toShow();
    await alert.getByRole("button", { name: "Try again" }).click();
    await expect(alert.getByText("This chat can't be used on this site.")).toShow();
    expect(lines.filter((line) => line.startsWith("Parley:"))).toEqual([
      `Parley: ${new URL(site).origin} may not embed this chat. Add it in Parley: Settings → Inboxes → Sites that may embed it.`,
    ]);
    await visitor.closeChat();
    await visitor.page.getByRole("button", { name: "Buy" }).click();
    await expect(visitor.page.getByRole("button", { name: "Bought" })).toShow();
  });

  test("a customer whom the site vouches for is shown by name as verified, and finds their words on another device", async () => {
    const { tenant: found, visitor: enter, agent } = stage();
    const tenant = await found();
    const [visitor, desk] = await Promise.all([enter(tenant), agent(tenant)]);
    await signIn(visitor, tenant, { name: "Nora Lindqvist", email: "nora@example.test" });
    await visitor.openChat();
    await visitor.say("It is me");
    await desk.find("Queue", "Nora Lindqvist");
    await expect(desk.details.getByText("Verified", { exact: true })).toShow();
    await expect(desk.pane.getByRole("heading", { name: "Nora Lindqvist" })).toShow();

    const elsewhere = await enter(tenant);
    await signIn(elsewhere, tenant, {});
    await elsewhere.openChat();
    await expect(elsewhere.text("It is me")).toShow();
  });

  test("nothing runs of what is sneaked into messages, notes, names and subjects", async () => {
    const { tenant: found, visitor: enter, agent, cluster, shopDoor } = stage();
    const tenant = await found();
    const [markup] = payloads;
    await cluster.superuser.query("UPDATE users SET name = $1 WHERE id = $2", [markup, tenant.agents[0]!.id]);
    await cluster.superuser.query("UPDATE tenants SET name = $1 WHERE id = $2", [markup, tenant.id]);
    const [visitor, desk] = await Promise.all([enter(tenant), agent(tenant)]);
    const boxes: string[] = [];
    for (const { page } of [visitor, desk]) {
      page.on("dialog", (box) => {
        boxes.push(box.message());
        void box.dismiss();
      });
    }
    await signIn(visitor, tenant, { name: markup, email: "sneak@example.test" });
    await visitor.openChat();
    for (const payload of payloads) await visitor.say(payload);
    await desk.tab("Queue").click();
    await desk.open(payloads.at(-1)!);
    const all = payloads.join("\n");
    await desk.write("Reply", all);
    await desk.write("Note", all);
    const last = payloads.at(-1)!;
    await expect(visitor.log.getByText(last).nth(1)).toShow();
    await expect(desk.message(last).last()).toShow();
    // Rows out of view are not drawn, so all of them are brought into view.
    await desk.log.press("Home");
    await expect(desk.message(payloads[1]!).first()).toShow();

    // No widget asks for a subject, so it comes over the wire.
    const sneak = await cluster.contact(tenant, { origin: shopDoor.url });
    await sneak.start("with a subject", { subject: markup });
    await desk.tab("Queue").click();
    await desk.row("with a subject").click();
    await expect(desk.details.getByText(markup!).first()).toShow();

    await Promise.all([visitor.page.reload(), desk.page.reload()]);
    await signIn(visitor, tenant, { name: markup });
    await visitor.openChat();
    await expect(visitor.text(last).first()).toShow();
    await expect(desk.details.getByText(markup!).first()).toShow();
    for (const { page } of [visitor, desk]) {
      expect(await page.evaluate(() => "sneaked" in window)).toBe(false);
      expect(await page.locator("a[href^='javascript' i], iframe[srcdoc], img[src='x']").count()).toBe(0);
    }
    expect(boxes).toEqual([]);
  });
};
