import type { Locator, Page } from "playwright-core";
import { password } from "../support/tenant.ts";
import type { TestAgent } from "../support/tenant.ts";

/** An agent at the desktop, found and used by what can be seen and read aloud. */
export class Desk {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Fills in the form and sends it; does not wait for what comes of it. */
  async askIn(url: string, email: string, secret: string): Promise<void> {
    await this.page.goto(`${url}/desktop`);
    await this.page.getByRole("textbox", { name: "E-mail" }).fill(email);
    await this.page.getByLabel("Password", { exact: true }).fill(secret);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  async signIn(url: string, { email }: TestAgent): Promise<void> {
    await this.askIn(url, email, password);
    await this.list.waitFor();
    // Until the session is ready its buttons say that they can't be used.
    await this.page.getByRole("switch", { name: /^Available/u, disabled: false }).waitFor();
  }

  get list(): Locator {
    return this.page.getByRole("navigation", { name: "Conversations" });
  }

  get pane(): Locator {
    return this.page.getByRole("main", { name: "Conversation" });
  }

  get details(): Locator {
    return this.page.getByRole("complementary", { name: "Details" });
  }

  get log(): Locator {
    return this.pane.getByRole("log", { name: "Messages" });
  }

  get field(): Locator {
    return this.pane.getByRole("textbox", { name: /^(Write|Edit)/u });
  }

  /** What the desktop says about its connection while there is none. */
  get banner(): Locator {
    return this.page.getByRole("status").filter({ hasText: /connection|offline/iu });
  }

  tab(name: "Mine" | "Queue" | "All"): Locator {
    return this.list.getByRole("tab", { name });
  }

  /** A conversation in the list, by any text of its row. */
  row(text: string): Locator {
    return this.list.getByRole("listitem").filter({ hasText: text });
  }

  async open(text: string): Promise<void> {
    await this.row(text).click();
    await this.field.waitFor();
  }

  /** Turns to the list `tab` and opens what has `text` in its row. */
  async find(tab: "Mine" | "Queue" | "All", text: string): Promise<void> {
    await this.tab(tab).click();
    await this.open(text);
  }

  async write(mode: "Reply" | "Note", text: string): Promise<void> {
    await this.pane.getByRole("radiogroup", { name: "Who reads it" }).getByText(mode, { exact: true }).click();
    await this.field.fill(text);
    await this.field.press("Enter");
  }

  /** Writes and sends; resolves when it stands in the timeline. */
  async reply(text: string): Promise<void> {
    await this.write("Reply", text);
    await this.message(text).waitFor();
  }

  async note(text: string): Promise<void> {
    await this.write("Note", text);
    await this.message(text).waitFor();
  }

  message(text: string): Locator {
    return this.log.getByRole("article").filter({ hasText: text });
  }

  async act(text: string, action: string): Promise<void> {
    await this.message(text).hover();
    await this.message(text)
      .getByRole("button", { name: /^Actions for/u })
      .click();
    await this.page
      .getByRole("menu")
      .getByLabel(action)
      .or(this.page.getByRole("menuitem", { name: action }))
      .click();
  }

  /** All that the timeline says, top to bottom. */
  async reads(): Promise<string[]> {
    const items = await this.log.locator("[data-index]").all();
    const rows = await Promise.all(
      items.map(async (item) => ({
        at: Number(await item.getAttribute("data-index")),
        text: (await item.innerText()).trim(),
      })),
    );
    return rows.toSorted((a, b) => a.at - b.at).map(({ text }) => text);
  }
}
