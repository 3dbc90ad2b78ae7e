import css from "./launcher.css?inline";
import { say } from "./say.ts";

/** More often within a second than any page swaps its contents: something removes the chat on purpose. */
const mostReturns = 10;

/** A custom element, because the browser tells it at once when it, or whatever it is in, leaves the page. */
export class Host extends HTMLElement {
  onGone?: () => void;
  /** Called when it is on the page again. */
  onBack?: () => void;

  connectedCallback(): void {
    this.onBack?.();
  }

  disconnectedCallback(): void {
    this.onGone?.();
  }
}

/**
 * The chat's own place on the page: beside the body, which many pages replace, hide, transform or make inert. Whatever else
 * is done to the page, it comes back with all it holds. `attach` puts it where it belongs, if it is not there.
 */
export const createHost = (): { host: Host; attach: () => void } => {
  customElements.define("parley-chat", Host);
  const host = new Host();
  host.id = "parley";
  // A translating browser exchanges text that the app still holds on to.
  host.translate = false;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  host.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
  let returns = 0;

  const attach = () => {
    let place: Element | null = document.documentElement;
    // Below a modal dialog nothing can be used: a chat that is asked for there opens in it.
    document.querySelectorAll("dialog:modal").forEach((dialog) => {
      place = dialog;
      dialog.addEventListener("close", attach, { once: true });
    });
    if (!place) setTimeout(attach, 50);
    else if (host.parentNode !== place || !host.isConnected) place.append(host);
  };

  host.onGone = () => {
    if (!returns) setTimeout(() => (returns = 0), 1000);
    returns += 1;
    // Whoever moves it does so in one go: by then it may be back.
    if (returns <= mostReturns) queueMicrotask(() => host.isConnected || attach());
    else if (returns === mostReturns + 1) say("this page keeps removing the chat; Parley.open() brings it back.");
  };
  return { host, attach };
};
