import type { Host } from "../loader/host.ts";

const isInDialog = (target: EventTarget | null) =>
  target instanceof Element && target.closest("dialog,[role$=dialog],[aria-modal=true]") !== null;

/**
 * Keeps the chat's focus from the page: a page that holds the focus in a dialog of its own would take it back, so it is not
 * told where the focus goes, and what had it gets it again when the page's contents were exchanged.
 */
export const guardFocus = (root: ShadowRoot): void => {
  const host = root.host as Host;
  let focused = root.activeElement as HTMLElement | null;

  const watch = (event: FocusEvent) => {
    if (event.target !== host) {
      if (event.type === "focusout" && event.relatedTarget === host && isInDialog(event.target))
        event.stopImmediatePropagation();
    } else if (event.type === "focusout") {
      // Unless its place on the page is gone or hidden.
      setTimeout(() => {
        if (focused?.getClientRects().length && !root.activeElement) focused = null;
      });
    } else {
      focused = event.composedPath()[0] as HTMLElement;
      event.stopImmediatePropagation();
    }
  };
  // Between two places in the chat the page hears nothing.
  root.addEventListener("focusin", ({ target }) => (focused = target as HTMLElement));
  // On the window and before anybody else: many a trap listens on the document's way down.
  for (const type of ["focus", "focusin", "focusout"] as const) window.addEventListener(type, watch, true);

  host.onBack = () => {
    const { activeElement, body } = document;
    if (!activeElement || activeElement === host || activeElement === body) focused?.focus({ preventScroll: true });
  };
};
