import { createHost } from "./host.ts";
import type { App, AppModule, Call, Identity, PageEvents, Parley } from "./parley.ts";
import { say } from "./say.ts";
import { findSettings } from "./settings.ts";

// The only code every visitor of a customer's site pays for: a button, and who to call once somebody means it.

/** Where the build's relative imports start; see vite.config.ts. */
declare const __parley: { base?: string };

/** What an earlier run of the snippet left on the page. A symbol, because an element's id can make a property of any name. */
type Mark = { inboxKey: string; attach: () => void };
const mark = Symbol.for("parley");
const marked = window as unknown as { [mark]?: Mark };

const svg = (path: string) => {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  icon.append(document.createElementNS(icon.namespaceURI, "path"));
  icon.firstElementChild!.setAttribute("d", path);
  return icon;
};

const create = <T extends keyof HTMLElementTagNameMap>(tag: T, className: string, text = "") => {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
};

const start = (inboxKey: string, server: string) => {
  const launcher = create("button", "launcher");
  launcher.type = "button";
  launcher.ariaLabel = "Open chat";
  launcher.ariaHasPopup = "dialog";
  launcher.ariaExpanded = "false";
  const badge = create("span", "badge");
  badge.hidden = true;
  launcher.append(svg("M21 12a8 8 0 0 1-8 8H4l2-3.2A8 8 0 1 1 21 12Z"), svg("M6 6l12 12M18 6L6 18"), badge);

  const { host, attach } = createHost();
  const root = host.shadowRoot!;
  // Whatever the page's style sheet says of the host, this begins anew.
  const frame = create("div", "frame");
  frame.append(launcher);
  root.append(frame);

  const listeners: { [E in keyof PageEvents]: ((about: PageEvents[E]) => void)[] } = {
    unread: [],
    "identity-expired": [],
  };
  const tell = <E extends keyof PageEvents>(event: E, about: PageEvents[E]) => {
    for (const listener of listeners[event].slice()) listener(about);
  };
  let unread = 0;
  let identity: Identity;
  const onUnread = (now: number) => {
    badge.hidden = now === 0;
    badge.textContent = now > 99 ? "99+" : `${now}`;
    launcher.ariaLabel = now === 0 ? "Open chat" : `Open chat, ${now} unread`;
    if (now === unread) return;
    unread = now;
    tell("unread", now);
  };

  let loading: Promise<App> | undefined;
  const app = () =>
    (loading ??= (import("../app/main.tsx") as Promise<AppModule>)
      .then(({ mount }) =>
        mount({
          root,
          launcher,
          inboxKey,
          server,
          identity,
          onUnread,
          onIdentityExpired: () => tell("identity-expired", undefined),
          say,
        }),
      )
      .catch((error) => {
        // The next intent tries again: the network may be back by then.
        loading = undefined;
        say("the chat could not be loaded.", error);
        throw error;
      }));
  // It has been said, and where somebody waits for it, shown.
  const unheard = () => {};
  const prepare = () => void app().catch(unheard);

  const trouble = create("div", "unloaded", "The chat could not be loaded. ");
  trouble.role = "alert";
  const retry = create("button", "retry", "Try again");
  retry.type = "button";
  trouble.append(retry);

  let wanted = (loaded: App) => loaded.open();
  const run = (what: (app: App) => void) => {
    attach();
    launcher.ariaBusy = "true";
    trouble.remove();
    app()
      .finally(() => (launcher.ariaBusy = "false"))
      .then(what, () => {
        wanted = what;
        frame.prepend(trouble);
      });
  };

  for (const intent of ["pointerenter", "focus"]) launcher.addEventListener(intent, prepare, { once: true });
  launcher.addEventListener("click", () => run((loaded) => loaded.toggle()));
  retry.addEventListener("click", () => run(wanted));

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
      const heard: unknown[] | undefined = listeners[event];
      if (heard) heard.push(listener);
      else say(`there is no event "${event}".`);
      return () => {
        const place = heard?.indexOf(listener) ?? -1;
        if (place >= 0) heard?.splice(place, 1);
      };
    },
    push: (...calls: Call[]) => {
      for (const call of calls) {
        try {
          if (typeof call === "function") call(parley);
          else (parley[call[0]] as (...args: unknown[]) => void)(...call.slice(1));
        } catch (error) {
          say("a call that was pushed failed.", call, error);
        }
      }
    },
  };

  const calledBefore = window.Parley;
  const queue = window.Array.isArray(calledBefore) ? calledBefore : [];
  // What an element's id or name makes of `window.Parley` is not the window's own.
  const isTaken = calledBefore && calledBefore !== queue && window.Object.hasOwn(window, "Parley");
  if (isTaken) say("window.Parley is taken by this page, so only the button works.");
  else window.Parley = parley;

  const show = () => {
    attach();
    parley.push(...queue);
    // Somebody who waits for an answer sees that it came, without opening anything.
    if (waits(inboxKey)) (window.requestIdleCallback ?? setTimeout)(prepare);
  };
  marked[mark] = { inboxKey, attach };
  if (document.readyState === "loading" && !document.body) document.addEventListener("DOMContentLoaded", show);
  else show();
};

const waits = (inboxKey: string) => {
  try {
    return localStorage.getItem(`parley:${inboxKey}:waits`) !== null;
  } catch {
    return false;
  }
};

const { inboxKey, server, base } = findSettings();
const earlier = marked[mark];
if (earlier) {
  // Pages that replace their contents run the snippet again.
  earlier.attach();
  if (inboxKey && inboxKey !== earlier.inboxKey)
    say(`"${inboxKey}" is not shown: this page has the chat "${earlier.inboxKey}" already.`);
} else if (!inboxKey || !server || !base) {
  say(
    `no inbox key. Write <script async src="…/widget.js" data-inbox-key="…">, or src="…/widget.js?inboxKey=…", or before it ` +
      `window.ParleySettings = { inboxKey: "…", server: "https://…" }.`,
  );
} else {
  try {
    __parley.base = base;
    start(inboxKey, server);
  } catch (error) {
    say("the chat could not start on this page.", error);
  }
}
