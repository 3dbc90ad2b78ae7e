/**
 * A short-lived JWT signed by the page's own backend with the inbox's secret, or a function that fetches one: it is asked
 * at every connect, so that a visitor stays signed in longer than one token lives.
 */
export type Identity = string | (() => string | Promise<string>);

/** What a page can ask of the widget, as `window.Parley`. */
export type Parley = {
  open: () => void;
  close: () => void;
  /** Says who the visitor is. */
  identify: (identity: Identity) => void;
  /** Forgets the visitor on this device: for a sign-out, on a shared computer above all. */
  shutdown: () => void;
  /** Returns a function that stops listening. */
  on: (event: "unread", listener: (unread: number) => void) => () => void;
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
  identity: Identity | undefined;
  onUnread: (unread: number) => void;
};

/** The app as the loader drives it. */
export type App = Pick<Parley, "open" | "close" | "identify" | "shutdown"> & { toggle: () => void };

export type AppModule = { mount: (options: Mount) => App };

declare global {
  interface Window {
    Parley?: Parley | Call[];
  }
}
