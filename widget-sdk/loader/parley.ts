type Token = string | null | undefined;

/**
 * A function that fetches a short-lived JWT, signed by the page's own backend with the inbox's secret: it is asked at every
 * connect, so that a visitor stays signed in longer than one token lives. Or one such JWT. Nothing: nobody is signed in.
 */
export type Identity = Token | (() => Token | Promise<Token>);

/** What `Parley.on` tells, and with what. */
export type PageEvents = {
  /** How many messages wait to be read. */
  unread: number;
  /** The identity token has run out while it was needed: hand a new one to `identify`. */
  "identity-expired": undefined;
};

/** For a snippet that can't carry its attribute: set as `window.ParleySettings` before it runs. */
export type ParleySettings = { inboxKey?: string; server?: string };

/** What a page can ask of the widget, as `window.Parley`. */
export type Parley = {
  open: () => void;
  close: () => void;
  /** Says who the visitor is. */
  identify: (identity: Identity) => void;
  /** Forgets the visitor on this device: for a sign-out, on a shared computer above all. */
  shutdown: () => void;
  /** Returns a function that stops listening. */
  on: <E extends keyof PageEvents>(event: E, listener: (about: PageEvents[E]) => void) => () => void;
  /** The form that works before `widget.js` has arrived: `(window.Parley ||= []).push(["open"])`. */
  push: (...calls: Call[]) => void;
};

export type Call = ((parley: Parley) => void) | [method: Exclude<keyof Parley, "push">, ...args: any[]];

/** The visitor's side of the wire: what the loader hands to the app. */
export type Mount = {
  root: ShadowRoot;
  launcher: HTMLButtonElement;
  inboxKey: string;
  /** Origin of the server that `widget.js` came from. */
  server: string;
  identity: Identity;
  onUnread: (unread: number) => void;
  onIdentityExpired: () => void;
  /** Tells the page's developer something. */
  say: (...words: unknown[]) => void;
};

/** The app as the loader drives it. */
export type App = Pick<Parley, "open" | "close" | "identify" | "shutdown"> & { toggle: () => void };

export type AppModule = { mount: (options: Mount) => App };

declare global {
  interface Window {
    Parley?: Parley | Call[];
    ParleySettings?: ParleySettings;
  }
}
