import { useSyncExternalStore } from "react";

/** A page of the desktop as the address names it: `#/settings/people?x=y` is `settings/people` with `x`. */
export type Page = { path: string; params: URLSearchParams };

const parse = (hash: string): Page => {
  const [, path = "", query = ""] = /^#\/([^?]*)\??(.*)$/u.exec(hash) ?? [];
  return { path: path.replace(/\/+$/u, ""), params: new URLSearchParams(query) };
};

let held: { hash: string; page: Page } = { hash: "", page: parse("") };
const current = (): Page => {
  if (location.hash !== held.hash) held = { hash: location.hash, page: parse(location.hash) };
  return held.page;
};

const moved = "parley:moved";

const subscribe = (listener: () => void) => {
  const events = ["hashchange", "popstate", moved];
  for (const event of events) window.addEventListener(event, listener);
  return () => events.forEach((event) => window.removeEventListener(event, listener));
};

/** The page the address names; its path is empty on the desktop itself. */
export const usePage = (): Page => useSyncExternalStore(subscribe, current);

/** Turns to an address of this page. With `replace` the back button skips the one left. */
export const turnTo = (address: string, { replace = false }: { replace?: boolean } = {}): void => {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  window.dispatchEvent(new Event(moved));
};

/** Turns to a page, `""` for the desktop itself. */
export const goTo = (path: string, how: { replace?: boolean } = {}): void =>
  turnTo(path ? `#/${path}` : location.pathname + location.search, how);

export const settingsPath = "settings";
export const isInSettings = (page: Page = current()): boolean =>
  page.path === settingsPath || page.path.startsWith(`${settingsPath}/`);
