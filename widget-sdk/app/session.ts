import { createClient } from "../core/client.ts";
import type { Client } from "../core/client.ts";
import type { Identity } from "../loader/parley.ts";
import { createOutboxStore } from "./outbox-store.ts";
import { createStorage } from "./storage.ts";
import type { Storage } from "./storage.ts";

export type Session = {
  client: Client<"/widget">;
  storage: Storage;
  /** Connects, if it is not connected yet. */
  start: () => void;
  identify: (identity: Identity) => void;
  /** Whether the site has said who the visitor is. */
  identified: () => boolean;
  shutdown: () => void;
};

type Options = { server: string; inboxKey: string; identity: Identity | undefined };

/** The visitor of one inbox on this device: one token shared by all tabs, one client per tab. */
export const createSession = ({ server, inboxKey, ...options }: Options, onShutdown: () => void): Session => {
  const storage = createStorage(inboxKey);
  let { identity } = options;
  let started = false;

  const client = createClient({
    url: server,
    namespace: "/widget",
    outbox: createOutboxStore(storage),
    auth: async () => {
      const visitorToken = storage.get("visitor");
      const identityToken = typeof identity === "function" ? await identity() : identity;
      return { inboxKey, ...(visitorToken && { visitorToken }), ...(identityToken && { identityToken }) };
    },
  });

  client.on("session:ready", ({ visitorToken, actor }) => {
    storage.set("visitor", visitorToken);
    // What one person began to write is not the next one's to finish.
    if (storage.get("actor") !== actor.id) storage.remove("draft:new");
    storage.set("actor", actor.id);
  });

  const forget = () => {
    started = false;
    identity = undefined;
    client.forget();
    onShutdown();
  };

  // Whoever signs out in one tab has signed out in all of them.
  storage.watch("left", () => {
    if (started) forget();
  });
  window.addEventListener("online", client.wake);
  window.addEventListener("offline", client.drop);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) client.wake();
  });

  const start = () => {
    if (started) return;
    started = true;
    client.connect();
  };

  return {
    client,
    storage,
    start,
    identify: (told) => {
      identity = told;
      if (!started) return;
      client.close();
      client.connect();
    },
    identified: () => identity !== undefined,
    shutdown: () => {
      forget();
      storage.clear();
      storage.set("left", new Date().toISOString());
    },
  };
};
