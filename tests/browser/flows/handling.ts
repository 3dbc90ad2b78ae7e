import { expect, test } from "vitest";
import { password } from "../../support/tenant.ts";
import { barriersOn } from "../axe.ts";
import { Desk } from "../desk.ts";
import type { Stage } from "../stage.ts";
import { talk } from "./talking.ts";

/** What can be chosen beside a conversation, by its label. */
export const choice = ({ details }: Desk, label: string) => details.getByRole("combobox", { name: label });

export const choose = async (desk: Desk, label: string, option: string | RegExp) => {
  await choice(desk, label).click();
  await desk.page.getByRole("option", { name: option }).click();
};

/** A visitor who waits with these words, and two agents who see them; the second comes by a door that can be shut. */
const contest = async ({ tenant: found, visitor: enter, agent: signIn, door: open, cluster }: Stage, words: string) => {
  const tenant = await found({ roles: ["agent", "agent"] });
  const door = await open(cluster.list[0]!);
  const [visitor, first, second] = await Promise.all([
    enter(tenant),
    signIn(tenant),
    signIn(tenant, { agent: tenant.agents[1]!, at: door.url }),
  ]);
  await visitor.openChat();
  await visitor.say(words);
  await Promise.all([first.find("Queue", words), second.find("Queue", words)]);
  return { tenant, door, visitor, first, second };
};

/** What agents do with a conversation, and what the visitor sees of it. */
export const handling = (stage: () => Stage): void => {
  test("a conversation is taken, handed to a colleague and put back, and the visitor sees who is there", async () => {
    const { tenant: found, visitor: enter, agent: signIn } = stage();
    const tenant = await found({ roles: ["agent", "agent"] });
    const [first, second] = tenant.agents;
    const [visitor, mine, theirs] = await Promise.all([
      enter(tenant),
      signIn(tenant),
      signIn(tenant, { agent: second! }),
    ]);
    await visitor.openChat();
    await visitor.say("Who takes me?");
    await mine.find("Queue", "Who takes me?");
    await mine.pane.getByRole("button", { name: "Take" }).click();
    await expect(visitor.text(`${first!.name} joined the conversation`)).toShow();
    await mine.tab("Mine").click();
    await expect(mine.row("Who takes me?")).toShow();

    await mine.details.getByRole("button", { name: "Reassign" }).click();
    await mine.page.getByRole("menuitem", { name: second!.name }).click();
    await expect(mine.row("Who takes me?")).toVanish();
    await expect(theirs.row("Who takes me?")).toShow();
    await expect(visitor.text(`${second!.name} joined the conversation`)).toShow();

    await theirs.open("Who takes me?");
    await theirs.details.getByRole("button", { name: "Reassign" }).click();
    await theirs.page.getByRole("menuitem", { name: "Return to the queue" }).click();
    await expect(visitor.text("You are waiting for the next free agent")).toShow();
    await mine.tab("Queue").click();
    await expect(mine.row("Who takes me?")).toShow();
  });

  test("a resolved conversation says so in the widget, and the visitor's next message reopens it", async () => {
    const { tenant, visitor, desk } = await talk(stage());
    await desk.pane.getByRole("button", { name: "Resolve" }).click();
    await expect(desk.pane.getByText("Resolved", { exact: true })).toShow();
    await expect(visitor.text(`${tenant.agents[0]!.name} ended the conversation`)).toShow();
    await expect(visitor.chat.getByRole("button", { name: "Start a new conversation" })).toShow();
    await visitor.say("One more thing…");
    await expect(desk.message("One more thing…")).toShow();
    await expect(desk.pane.getByText("Open", { exact: true })).toShow();
    await expect(visitor.chat.getByRole("button", { name: "End conversation" })).toShow();
    await expect(visitor.log.getByText(/reopened/u)).toShow();
  });

  test("what happens next stands below what one has just said, however many lines that has", async () => {
    const { desk } = await talk(stage());
    await desk.reply("Let me see.");
    // As high as a row is first taken to be, or not: both are to be right in the end.
    await desk.write("Reply", "It is a fern,\nand ferns like shade.");
    await desk
      .message("ferns like shade")
      .getByText("Sent")
      .or(desk.message("ferns like shade").getByText("Read"))
      .waitFor();
    await desk.pane.getByRole("button", { name: "Resolve" }).click();
    await expect(desk.log.getByText(/^You resolved the conversation/u)).toShow();
    const [said, next] = await Promise.all(
      [desk.message("ferns like shade"), desk.log.getByText(/^You resolved the conversation/u)].map((row) =>
        row.boundingBox(),
      ),
    );
    expect(next!.y).toBeGreaterThanOrEqual(said!.y + said!.height - 1);
  });

  test("a resolve can be undone for a moment, also by who is away, and the conversation stays theirs", async () => {
    const { desk } = await talk(stage());
    await desk.page.getByRole("switch", { name: /^Available/u }).click();
    await desk.pane.getByRole("button", { name: "Resolve" }).click();
    const notice = desk.page.getByRole("status").filter({ hasText: /^Resolved/u });
    await expect(notice).toShow();
    expect(await barriersOn(desk.page)).toEqual([]);
    // Nothing that sends or saves lies under it.
    const [box, field] = [await notice.boundingBox(), await desk.field.boundingBox()];
    expect(box!.x + box!.width).toBeLessThanOrEqual(field!.x);
    await notice.getByRole("button", { name: "Undo" }).click();
    await expect(desk.pane.getByText("Open", { exact: true })).toShow();
    await desk.tab("Mine").click();
    await expect(desk.row("What can I do for you?")).toShow();
  });

  test("what is typed into the filter is looked for at the server, and found beyond what was loaded", async () => {
    const { tenant: found, agent: signIn, cluster } = stage();
    const tenant = await found();
    await cluster.superuser.query(
      `INSERT INTO conversations (tenant_id, id, status, department_id, subject, active_bucket)
       SELECT $1, gen_random_uuid(), 'resolved', $2, CASE n WHEN 700 THEN 'Jalapeño' ELSE 'Hay' END, 1000000 - n
       FROM generate_series(1, 700) n`,
      [tenant.id, tenant.departmentId],
    );
    const desk = await signIn(tenant);
    await desk.tab("All").click();
    const filter = desk.list.getByRole("textbox", { name: "Filter the list" });
    await filter.fill("jalapeno");
    await expect.poll(() => desk.list.getByRole("listitem").count()).toBe(1);
    await filter.fill("nothing of the kind");
    await expect(desk.list.getByText("Nothing matches")).toShow();
  });

  test("a visitor who ends the conversation is asked first, and the agent sees it", async () => {
    const { visitor, desk } = await talk(stage());
    await visitor.chat.getByRole("button", { name: "End conversation" }).click();
    await visitor.chat.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).click();
    await visitor.chat.getByRole("button", { name: "End conversation" }).click();
    await visitor.chat.getByRole("alertdialog").getByRole("button", { name: "End conversation" }).click();
    await expect(visitor.text("You ended the conversation")).toShow();
    await expect(desk.pane.getByText("Resolved", { exact: true })).toShow();
  });

  test("a reply is held back when a colleague answered first, and goes out only on a second word", async () => {
    const { tenant, visitor, desk } = await talk(stage());
    const door = await stage().door(stage().cluster.list[0]!);
    const colleague = await stage().agent(tenant, { agent: tenant.agents[1]!, at: door.url });
    await colleague.find("All", "What can I do for you?");
    await expect(colleague.message("What can I do for you?")).toShow();

    door.proxy.pause();
    await desk.reply("We open at nine.");
    await colleague.write("Reply", "We open at ten.");
    door.proxy.heal();
    const held = colleague.pane.getByRole("alertdialog", { name: "Your reply was held back" });
    await expect(held.getByText(`${tenant.agents[0]!.name} answered while you were writing`)).toShow();
    await expect(held.getByRole("list", { name: "What you missed" }).getByText("We open at nine.")).toShow();
    await expect(visitor.text("We open at nine.")).toShow();
    expect(await visitor.text("We open at ten.").count()).toBe(0);

    await held.getByRole("button", { name: "Send anyway" }).click();
    await expect(visitor.text("We open at ten.")).toShow();
    await expect(held).toVanish();
  });

  test("who comes second to take a conversation is told who has it", async () => {
    const { tenant, door, visitor, first, second } = await contest(stage(), "Me, please!");

    door.proxy.pause();
    await first.pane.getByRole("button", { name: "Take" }).click();
    await expect(visitor.text(`${tenant.agents[0]!.name} joined the conversation`)).toShow();
    await second.pane.getByRole("button", { name: "Take" }).click();
    door.proxy.heal();
    const dialog = second.page.getByRole("dialog", { name: /^Could not take/u });
    await expect(dialog.getByText(tenant.agents[0]!.name).first()).toShow();
    await dialog.getByRole("button", { name: "Leave as is" }).click();
    await expect(second.details.getByRole("region", { name: "Assignment" }).getByText(tenant.agents[0]!.name)).toShow();
  });

  test("a priority and an owner are seen by colleagues at once, also by who may not set them and is told why", async () => {
    const { tenant: found, visitor: enter, agent: signIn, page, deskDoor } = stage();
    const tenant = await found({ roles: ["agent", "read_only"] });
    const [owner, reader] = tenant.agents;
    const theirs = new Desk(await page());
    await theirs.askIn(deskDoor.url, reader!.email, password);
    const [visitor, mine] = await Promise.all([enter(tenant), signIn(tenant)]);
    await visitor.openChat();
    await visitor.say("Nothing works!");
    await Promise.all([mine.find("Queue", "Nothing works!"), theirs.find("Queue", "Nothing works!")]);

    await choose(mine, "Priority", "High");
    await expect(theirs.row("Nothing works!").getByText("High")).toShow();
    await expect.poll(() => choice(theirs, "Priority").inputValue()).toBe("High");
    await expect.poll(() => choice(mine, "Priority").inputValue()).toBe("High");
    // Typed over what stands there, and taken by Enter.
    await choice(mine, "Owner of the contact").click();
    await mine.page.keyboard.type(owner!.name);
    await expect(mine.page.getByRole("option", { name: `${owner!.name} (you)` })).toShow();
    await mine.page.keyboard.press("Enter");
    await expect.poll(() => choice(theirs, "Owner of the contact").inputValue()).toBe(owner!.name);

    await choice(theirs, "Owner of the contact").hover();
    await expect(theirs.page.getByRole("tooltip", { name: /Your role doesn't include/u })).toShow();
    await choice(theirs, "Priority").press("ArrowDown");
    expect(await theirs.page.getByRole("option").count()).toBe(0);
    expect(await choice(theirs, "Priority").getAttribute("aria-description")).toMatch(/Your role doesn't include/u);
  });

  test("who comes second to set a priority is told what it is now, and may set it all the same", async () => {
    const { door, first, second } = await contest(stage(), "How urgent am I?");

    door.proxy.pause();
    await choose(first, "Priority", "Raised");
    await expect(first.row("How urgent am I?").getByText("Raised")).toShow();
    await choose(second, "Priority", "Urgent");
    door.proxy.heal();
    const dialog = second.page.getByRole("dialog", { name: "Could not set its priority to Urgent" });
    await expect(dialog.getByText("Its priority is now Raised; before, it was Normal.")).toShow();
    await dialog.getByRole("button", { name: "Do it anyway" }).click();
    await expect(first.row("How urgent am I?").getByText("Urgent", { exact: true })).toShow();
  });

  test("a wrong password is refused in plain words, and the right one lets in", async () => {
    const { tenant: found, deskDoor, page } = stage();
    const tenant = await found();
    const desk = new Desk(await page());
    await desk.askIn(deskDoor.url, tenant.agents[0]!.email, "not the password");
    await expect(desk.page.getByRole("alert").getByText("The e-mail address or the password is wrong.")).toShow();
    await desk.askIn(deskDoor.url, "nobody@nowhere.test", "not the password");
    await expect(desk.page.getByRole("alert").getByText("The e-mail address or the password is wrong.")).toShow();
    await desk.signIn(deskDoor.url, tenant.agents[0]!);
  });
};
