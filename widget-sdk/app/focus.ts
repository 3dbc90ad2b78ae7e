const focusable = 'button:not([disabled]), [href], input, textarea:not([disabled]), [tabindex]:not([tabindex="-1"])';

/** Keeps Tab inside `element` and calls `onEscape` for Esc. Returns what undoes it. */
export const trapFocus = (element: HTMLElement, onEscape: () => void): (() => void) => {
  const onKeyDown = (event: KeyboardEvent) => {
    // A dialog within the dialog has had its say.
    if (event.defaultPrevented) return;
    if (event.key === "Escape") {
      event.preventDefault();
      onEscape();
      return;
    }
    if (event.key !== "Tab") return;
    const all = [...element.querySelectorAll<HTMLElement>(focusable)].filter((one) => one.getClientRects().length > 0);
    const first = all[0];
    const last = all.at(-1);
    if (!first || !last) return;
    const active = (element.getRootNode() as ShadowRoot).activeElement;
    const leaving = event.shiftKey ? active === first || active === element : active === last;
    if (!leaving) return;
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  };
  element.addEventListener("keydown", onKeyDown);
  return () => element.removeEventListener("keydown", onKeyDown);
};
