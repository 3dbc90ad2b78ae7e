import type { App, AppModule, Call, Identity, Parley } from "./parley.ts";
import css from "./launcher.css?inline";

// The only code every visitor of a customer's site pays for: a button, and who to call once somebody means it.

const script = document.currentScript as HTMLScriptElement | null;
const inboxKey = script?.dataset["inboxKey"];
if (!script || !inboxKey) throw new Error('Parley: <script async src="…/widget.js"> needs data-inbox-key="…"');
const server = new URL(script.src).origin;

const calledBefore = window.Parley;
const isFirst = !calledBefore || Array.isArray(calledBefore);

const svg = (path: string) => {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  icon.append(document.createElementNS(icon.namespaceURI, "path"));
  icon.firstElementChild!.setAttribute("d", path);
  return icon;
};

const start = () => {
  const host = document.createElement("div");
  host.id = "parley";
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];

  const launcher = document.createElement("button");
  launcher.type = "button";
  launcher.className = "launcher";
  launcher.ariaLabel = "Open chat";
  launcher.ariaHasPopup = "dialog";
  launcher.ariaExpanded = "false";
  const badge = document.createElement("span");
  badge.className = "badge";
  badge.hidden = true;
  launcher.append(svg("M21 12a8 8 0 0 1-8 8H4l2-3.2A8 8 0 1 1 21 12Z"), svg("M6 6l12 12M18 6L6 18"), badge);
  root.append(launcher);

  const listeners = new Set<(unread: number) => void>();
  let unread = 0;
  let identity: Identity | undefined;
  const onUnread = (now: number) => {
    badge.hidden = now === 0;
    badge.textContent = now > 99 ? "99+" : `${now}`;
    launcher.ariaLabel = now === 0 ? "Open chat" : `Open chat, ${now} unread`;
    if (now === unread) return;
    unread = now;
    for (const listener of listeners) listener(now);
  };

  let loading: Promise<App> | undefined;
  const app = () =>
    (loading ??= (import("../app/main.tsx") as Promise<AppModule>).then(
      ({ mount }) => {
        launcher.title = "";
        return mount({ root, launcher, inboxKey, server, identity, onUnread });
      },
      (error) => {
        // The next intent tries again: the network may be back by then.
        loading = undefined;
        launcher.ariaBusy = "false";
        launcher.title = "The chat could not be loaded. Try again in a moment.";
        throw error;
      },
    ));
  // The launcher says so itself; the page's own error log is not the place.
  const unheard = () => {};
  const run = (what: (app: App) => void) => {
    launcher.ariaBusy = "true";
    app().then((loaded) => {
      launcher.ariaBusy = "false";
      what(loaded);
    }, unheard);
  };

  const prepare = () => void app().catch(unheard);
  for (const intent of ["pointerenter", "focus"]) launcher.addEventListener(intent, prepare, { once: true });
  launcher.addEventListener("click", () => run((loaded) => loaded.toggle()));

  const parley: Parley = {
    open: () => run((loaded) => loaded.open()),
    // Nothing is loaded only to be closed.
    close: () => void loading?.then((loaded) => loaded.close(), unheard),
    // Knowing who somebody is is no reason to load anything yet.
    identify: (told) => {
      identity = told;
      void loading?.then((loaded) => loaded.identify(told), unheard);
    },
    shutdown: () => {
      identity = undefined;
      run((loaded) => loaded.shutdown());
    },
    on: (event, listener) => {
      if (event !== "unread") throw new Error(`Parley: there is no event "${String(event)}"`);
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    push: (...calls: Call[]) => {
      for (const call of calls) {
        if (typeof call === "function") call(parley);
        else (parley[call[0]] as (...args: unknown[]) => void)(...call.slice(1));
      }
    },
  };
  window.Parley = parley;

  const show = () => {
    document.body.append(host);
    if (Array.isArray(calledBefore)) parley.push(...calledBefore);
    // Somebody who waits for an answer sees that it came, without opening anything.
    if (waits()) (window.requestIdleCallback ?? setTimeout)(prepare);
  };
  if (document.body) show();
  else document.addEventListener("DOMContentLoaded", show);
};

const waits = () => {
  try {
    return localStorage.getItem(`parley:${inboxKey}:waits`) !== null;
  } catch {
    return false;
  }
};

if (isFirst) start();
