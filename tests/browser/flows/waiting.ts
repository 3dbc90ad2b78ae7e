import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { TestTenant } from "../../support/tenant.ts";
import type { Stage } from "../stage.ts";
import { talk } from "./talking.ts";

/** Agents of the tenant's department accept or decline what comes. */
const askFirst = (stage: Stage, { id, departmentId }: TestTenant, seconds = 600) =>
  stage.cluster.superuser.query("UPDATE departments SET offer_seconds = $3 WHERE tenant_id = $1 AND id = $2", [
    id,
    departmentId,
    seconds,
  ]);

/** The tenant's department is closed for good, and takes messages. */
const closeForGood = async (stage: Stage, { id, departmentId }: TestTenant) => {
  const hoursId = randomUUID();
  await stage.cluster.superuser.query(
    "INSERT INTO business_hours (tenant_id, id, name, time_zone, intervals, holidays) VALUES ($1, $2, 'Never', 'UTC', '[]', '[]')",
    [id, hoursId],
  );
  await stage.cluster.superuser.query(
    "UPDATE departments SET business_hours_id = $3, offline_behaviour = 'form' WHERE tenant_id = $1 AND id = $2",
    [id, departmentId, hoursId],
  );
};

/** From the first word to an agent, and from one agent to another. */
export const waiting = (stage: () => Stage): void => {
  test("visitors see their place in the queue, and whoever accepts the offer is with them at once", async () => {
    const { tenant: found, visitor: enter, agent: signIn } = stage();
    const tenant = await found({ strategy: "least_loaded", roles: ["agent"], capacity: 1 });
    await askFirst(stage(), tenant);
    const first = await enter(tenant);
    await first.openChat();
    await expect(first.chat.getByText("Nobody is here right now")).toShow();
    await first.say("Is anybody there?");
    await expect(first.chat.getByText("You are next. Nobody is here right now. We'll reply here.")).toShow();
    const reach = first.chat.getByRole("form", { name: "Your e-mail address" });
    await reach.getByRole("textbox").fill("first at example.com");
    await reach.getByRole("button", { name: "Save" }).click();
    await expect(reach.getByRole("alert").getByText("must be an e-mail address")).toShow();
    await reach.getByRole("textbox").fill("first@example.com");
    await reach.getByRole("button", { name: "Save" }).click();
    await expect(first.chat.getByText(/We'll reply here and by e-mail to first@example\.com\.$/u)).toShow();
    await expect(reach).toVanish();
    const second = await enter(tenant);
    await second.openChat();
    await second.say("Me too, please.");
    await expect(second.chat.getByText(/^You are number 2 in the queue\./u)).toShow();

    const desk = await signIn(tenant);
    const offer = desk.page.getByRole("region", { name: "Offered to you" }).getByRole("listitem");
    await expect(offer.getByText("Is anybody there?")).toShow();
    await desk.page.keyboard.press("y");
    await expect(desk.message("Is anybody there?")).toShow();
    await expect(first.text(`${tenant.agents[0]!.name} joined the conversation`)).toShow();
    await expect(first.chat.getByText(/^You are next/u)).toVanish();
    await expect(second.chat.getByText(/^You are next\./u)).toShow();

    await desk.pane.getByRole("button", { name: "Resolve" }).click();
    await expect(offer.getByText("Me too, please.")).toShow();
    await desk.page.keyboard.press("x");
    const dialog = desk.page.getByRole("dialog", { name: /^Decline/u });
    await dialog.getByRole("button", { name: "Not my area" }).click();
    await dialog.getByRole("button", { name: "Decline", exact: true }).click();
    await expect(offer).toVanish();
    await desk.find("Queue", "Me too, please.");
    await expect(desk.log.getByText(/You declined it: Not my area/u)).toShow();
  });

  test("whoever lets several offers pass is set to away, is told so, and comes back by one click", async () => {
    const { tenant: found, agent: signIn, cluster, shopDoor } = stage();
    const tenant = await found({ strategy: "least_loaded", roles: ["agent"] });
    await askFirst(stage(), tenant, 1);
    const desk = await signIn(tenant);
    for (const body of ["One", "Two", "Three"]) {
      const contact = await cluster.contact(tenant, { origin: shopDoor.url });
      await contact.insist("conversation:start", { clientId: randomUUID(), body });
    }
    await expect(desk.page.getByText(/^You were set to away, because several offers went unanswered/u)).toShow();
    await desk.page.getByRole("button", { name: "I'm back" }).click();
    await expect(desk.page.getByText(/^You were set to away/u)).toVanish();
    await expect
      .poll(() => desk.page.getByRole("switch", { name: /^Available/u }).getAttribute("aria-checked"))
      .toBe("true");
  });

  test("a conversation is handed over with a note that only agents see, and everybody can look up why", async () => {
    const { tenant, visitor, desk } = await talk(stage());
    const [, second] = tenant.agents;
    const theirs = await stage().agent(tenant, { agent: second! });
    await expect(desk.page.getByRole("button", { name: "Colleagues, 1 of 1 here" })).toShow();
    await desk.page.keyboard.press("Escape");
    await desk.page.keyboard.press("t");
    const dialog = desk.page.getByRole("dialog", { name: /^Hand over/u });
    await dialog.getByLabel("To", { exact: true }).click();
    await desk.page.getByRole("option", { name: second!.name }).click();
    await dialog.getByRole("textbox", { name: "Note" }).fill("They lost their parcel twice.");
    await dialog.getByRole("button", { name: "Hand over" }).click();
    await expect(dialog).toVanish();

    await theirs.find("Mine", "What can I do for you?");
    await expect(theirs.log.getByText("They lost their parcel twice.")).toShow();
    await expect(visitor.log.getByText(`${second!.name} will help you now`)).toShow();
    expect(await visitor.log.getByText("They lost their parcel twice.").count()).toBe(0);

    await theirs.details.getByRole("button", { name: "Why this agent?" }).click();
    const why = theirs.page.getByRole("dialog", { name: "Why this agent?" });
    await expect(why.getByText(`${second!.name} got it`)).toShow();
    await expect(why.getByText(/^handed over/u)).toShow();
  });

  test("while it is closed a visitor leaves a message and how to be reached", async () => {
    const { tenant: found, visitor: enter, agent: signIn } = stage();
    const tenant = await found();
    await closeForGood(stage(), tenant);
    const visitor = await enter(tenant);
    await visitor.launcher.click();
    const form = visitor.chat.getByRole("form", { name: "Leave a message" });
    await form.getByLabel("Name").fill("Nora Lindqvist");
    await form.getByLabel("Message").fill("Please call me back about my fern.");
    await form.getByRole("button", { name: "Send the message" }).click();
    // Without an address there is no way to answer.
    await expect(form).toShow();
    await form.getByLabel("E-mail").fill("nora@example.com");
    await form.getByRole("button", { name: "Send the message" }).click();
    await expect(visitor.text("Please call me back about my fern.")).toShow();
    await expect(visitor.chat.getByText(/^We have your message/u)).toShow();

    const desk = await signIn(tenant);
    await desk.tab("Queue").click();
    await expect(desk.row("Please call me back about my fern.").getByText("Message for later")).toShow();
    await expect(desk.row("Nora Lindqvist")).toShow();
  });

  test("a form that is not taken comes back filled in, with the field marked and what is wrong with it", async () => {
    const { tenant: found, visitor: enter } = stage();
    const tenant = await found();
    await closeForGood(stage(), tenant);
    const visitor = await enter(tenant);
    await visitor.launcher.click();
    const form = visitor.chat.getByRole("form", { name: "Leave a message" });
    const [name, email, message] = ["Name", "E-mail", "Message"].map((label) => form.getByLabel(label));
    const leave = form.getByRole("button", { name: "Send the message" });
    await message!.fill("Please call me back.");
    await email!.fill("nora at example.com");
    await leave.click();
    await expect(form.getByRole("alert").getByText("must be an e-mail address")).toShow();
    expect(await email!.getAttribute("aria-invalid")).toBe("true");
    expect(await email!.evaluate((field: HTMLElement) => field.matches(":focus"))).toBe(true);

    // Past the page's own rules, so that the server is the one to refuse.
    await email!.fill("o'neill&söhne@bücher.example");
    await name!.evaluate((field: HTMLInputElement) => {
      field.value = `Nora${String.fromCharCode(0xd8_00)}`;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await leave.click();
    await expect(form.getByRole("alert").getByText("The name must not hold")).toShow();
    expect(await name!.getAttribute("aria-invalid")).toBe("true");
    expect(await email!.inputValue()).toBe("o'neill&söhne@bücher.example");
    expect(await message!.inputValue()).toBe("Please call me back.");
    await name!.fill("Nora");
    await leave.click();
    await expect(visitor.text("Please call me back.")).toShow();
    await expect(visitor.chat.getByText(/^We have your message/u)).toShow();
  });
};
