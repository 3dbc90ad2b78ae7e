import type { Locator, Page } from "playwright-core";

/** A visitor of a shop, found and used by what can be seen and read aloud. */
export class Visitor {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Waits for nothing but the button that opens the chat. */
  async enterShop(url: string): Promise<void> {
    await this.page.goto(url);
    await this.launcher.waitFor();
  }

  get launcher(): Locator {
    return this.page.getByRole("button", { name: /^Open chat/u });
  }

  get chat(): Locator {
    return this.page.getByRole("dialog", { name: /^Chat/u });
  }

  get field(): Locator {
    return this.chat.getByRole("textbox", { name: "Message" });
  }

  get log(): Locator {
    return this.chat.getByRole("log", { name: "Messages" });
  }

  /** What the chat says about its connection while there is none. */
  get banner(): Locator {
    return this.chat.getByRole("status").filter({ hasText: /connection|offline/iu });
  }

  async openChat(): Promise<void> {
    await this.launcher.click();
    await this.field.waitFor();
  }

  async closeChat(): Promise<void> {
    await this.chat.getByRole("button", { name: "Close chat" }).click();
    await this.chat.waitFor({ state: "hidden" });
  }

  /** Writes and sends; resolves when it stands in the chat, whether or not the server has it yet. */
  async say(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press("Enter");
    await this.text(text).waitFor();
  }

  /** A text among the messages. */
  text(text: string | RegExp): Locator {
    return this.log.getByText(text, { exact: true });
  }

  /** The whole message that holds a text: bubble, state, reactions, actions. */
  message(text: string): Locator {
    return this.log.locator(".message").filter({ hasText: text });
  }

  async act(text: string, action: string): Promise<void> {
    await this.message(text).hover();
    await this.message(text).getByRole("button", { name: "Message actions" }).click();
    await this.message(text)
      .getByRole("group", { name: "Message actions" })
      .getByRole("button", { name: action })
      .click();
  }

  /** All that the list of messages says, top to bottom. */
  async reads(): Promise<string[]> {
    return (await this.log.innerText()).split("\n").map((line) => line.trim());
  }
}
