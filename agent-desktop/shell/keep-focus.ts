/** Where the focus has been, the latest last; `over`: in something that lies over the page and goes away again. */
type Place = { element: HTMLElement; over: boolean };

const most = 20;

const isOver = (element: Element) => element.closest('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null;

const isThere = (element: HTMLElement) => element.isConnected && element.getClientRects().length > 0;

/**
 * Whoever works by keyboard goes on where they were: when a dialog or a menu goes away with the focus in it, the focus
 * returns to the last place that still stands, however many of them lay over each other. The library returns it one step,
 * to an element that may be gone by then: the item of a menu, or a button of the dialog before.
 */
export const keepFocus = (): (() => void) => {
  let places: Place[] = [];
  const remember = ({ target }: FocusEvent) => {
    if (!(target instanceof HTMLElement)) return;
    const others = places.filter(({ element }) => element !== target && element.isConnected);
    places = [...others.slice(1 - most), { element: target, over: isOver(target) }];
  };
  // By Esc or a click beside everything: the keys are then meant for the page as a whole, also after a dialog.
  const letGo = ({ relatedTarget }: FocusEvent) => {
    if (relatedTarget === null && document.hasFocus() && !places.at(-1)?.over) places = [];
  };
  const giveBack = () => {
    if (document.activeElement !== document.body || !places.at(-1)?.over) return;
    places = places.filter(({ element }) => isThere(element));
    places.at(-1)?.element.focus({ preventScroll: true });
  };
  const watch = new MutationObserver(giveBack);
  watch.observe(document.body, { childList: true, subtree: true, attributeFilter: ["disabled"] });
  document.addEventListener("focusin", remember);
  document.addEventListener("focusout", letGo);
  return () => {
    watch.disconnect();
    document.removeEventListener("focusin", remember);
    document.removeEventListener("focusout", letGo);
  };
};
