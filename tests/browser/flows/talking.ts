import { expect, test } from "vitest";
import type { Stage } from "../stage.ts";
import { Visitor } from "../visitor.ts";

/** What a visitor and an agent do all day. */
export const talking = (stage: () => Stage): void => {
  test("a visitor writes in the shop, and an agent on another node sees it at once and answers", async () => {
    const { tenant: found, visitor: enter, agent: signIn } = stage();
    const tenant = await found({ strategy: "least_loaded" });
    const desk = await signIn(tenant);
    const visitor = await enter(tenant);
    await visitor.page.getByRole("button", { name: /^Ask/u }).click();
    await visitor.say("Does the snake plant need light?");
    // Nobody reloads: whoever is there gets it by itself.
    await desk.open("Does the snake plant need light?");
    await expect(visitor.text(`${tenant.agents[0]!.name} joined the conversation`)).toShow();
    await desk.reply("Hardly any, it forgives you.");
    await expect(visitor.text("Hardly any, it forgives you.")).toShow();
    await visitor.say("Then I take two!");
    await expect(desk.message("Then I take two!")).toShow();
  });

  test("both see the other typing, and that it ends", async () => {
    const { desk, visitor } = await talk(stage());
    await visitor.field.pressSequentially("Wait");
    await expect(desk.pane.getByText(/is typing$/u)).toShow();
    await visitor.field.fill("");
    await expect(desk.pane.getByText(/is typing$/u)).toVanish();

    await desk.field.pressSequentially("One mo");
    await expect(visitor.log.getByText(/^Agent .* is typing$/u)).toShow();
    await desk.field.press("Enter");
    await expect(visitor.text("One mo")).toShow();
    await expect(visitor.log.getByText(/is typing$/u)).toVanish();
  });

  test("a message is shown as sent, then as delivered, then as read, on both sides", async () => {
    const { tenant: found, visitor: enter, agent: signIn } = stage();
    const tenant = await found({ strategy: "least_loaded" });
    const visitor = await enter(tenant);
    await visitor.openChat();
    await visitor.say("Anybody there?");
    await expect(visitor.message("Anybody there?").getByText("Sent")).toShow();
    const desk = await signIn(tenant);
    await expect(desk.row("Anybody there?")).toShow();
    await visitor.say("I need help.");
    await expect(visitor.message("I need help.").getByText("Delivered")).toShow();
    await desk.open("I need help.");
    await expect(visitor.message("I need help.").getByText("Read")).toShow();

    await visitor.closeChat();
    await desk.reply("I am here.");
    await expect(desk.message("I am here.").getByText("Delivered")).toShow();
    await visitor.page.getByRole("button", { name: "Open chat, 1 unread" }).click();
    await expect(desk.message("I am here.").getByText("Read")).toShow();
  });

  test("after a reload both pages show the same as before", async () => {
    const { desk, visitor } = await talk(stage());
    await desk.note("Only for us.");
    await desk.act("What can I do for you?", "Edit");
    await desk.field.fill("What may I do for you?");
    await desk.field.press("Enter");
    await expect(visitor.text("What may I do for you?")).toShow();
    await visitor.act("What may I do for you?", "👍");
    await expect(desk.message("What may I do for you?").getByText("👍")).toShow();
    await visitor.say("Nothing, thank you.");
    await expect(visitor.message("Nothing, thank you.").getByText("Read")).toShow();
    const before = { desk: await desk.reads(), visitor: await visitor.reads() };

    await Promise.all([desk.page.reload(), visitor.page.reload()]);
    await expect(desk.message("Nothing, thank you.")).toShow();
    await visitor.openChat();
    await expect(visitor.message("Nothing, thank you.").getByText("Read")).toShow();
    await expect.poll(() => desk.reads()).toEqual(before.desk.filter((line) => line !== "New"));
    await expect.poll(() => visitor.reads()).toEqual(before.visitor);
  });

  test("an internal note never reaches the widget, live or after a reload", async () => {
    const { tenant: found, agent: signIn, page: open, shopDoor } = stage();
    const tenant = await found({ strategy: "least_loaded" });
    const desk = await signIn(tenant);
    const page = await open();
    const heard: string[] = [];
    page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => heard.push(String(payload))));
    const visitor = new Visitor(page);
    await visitor.enterShop(`${shopDoor.url}/demo?inbox=${tenant.inbox.key}`);
    await visitor.openChat();
    await visitor.say("Where is my fern?");
    await desk.open("Where is my fern?");
    await desk.note("This customer sounds upset.");
    await desk.reply("Let me look.");
    await expect(visitor.text("Let me look.")).toShow();
    await visitor.page.reload();
    await visitor.openChat();
    await expect(visitor.text("Let me look.")).toShow();
    expect(heard.join("\n")).toContain("Let me look.");
    expect(heard.join("\n")).not.toContain("upset");
  });

  test("an edit, a deletion and a reaction show on both sides", async () => {
    const { desk, visitor } = await talk(stage());
    await visitor.say("My order is 4711");
    await visitor.act("My order is 4711", "Edit");
    await visitor.field.fill("My order is 4712");
    await visitor.field.press("Enter");
    await expect(desk.message("My order is 4712").getByText("edited")).toShow();
    await expect(desk.message("My order is 4711")).toVanish();

    await desk.act("My order is 4712", "React with 🎉");
    await expect(visitor.message("My order is 4712").getByRole("button", { name: "🎉" })).toShow();
    await visitor.act("What can I do for you?", "❤️");
    await expect(desk.message("What can I do for you?").getByText("❤️")).toShow();

    await desk.reply("Ths is a typo");
    await expect(visitor.text("Ths is a typo")).toShow();
    await desk.act("Ths is a typo", "Delete");
    await desk.page
      .getByRole("dialog", { name: "Delete this message?" })
      .getByRole("button", { name: "Delete" })
      .click();
    await expect(visitor.text("This message was deleted")).toShow();
    await expect(visitor.text("Ths is a typo")).toVanish();

    await visitor.act("My order is 4712", "Delete");
    await visitor.chat.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    await expect(desk.message("My order is 4712")).toVanish();
    await expect.poll(() => desk.log.getByText("Message deleted").count()).toBe(2);
  });
};

/** A visitor and an agent in the middle of a conversation, both with it in view. */
export const talk = async ({ tenant: found, visitor: enter, agent: signIn }: Stage) => {
  const tenant = await found({ roles: ["agent", "agent"] });
  const [visitor, desk] = await Promise.all([enter(tenant), signIn(tenant)]);
  await visitor.openChat();
  await visitor.say("Hello?");
  await desk.find("Queue", "Hello?");
  await desk.reply("What can I do for you?");
  await expect(visitor.text("What can I do for you?")).toShow();
  return { tenant, visitor, desk };
};
