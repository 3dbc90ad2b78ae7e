import { createClient } from "../core/client.ts";
import type { Client } from "../core/client.ts";
import type { Identity, Mount } from "../loader/parley.ts";
import { adviceOn } from "./advice.ts";
import { createIdentity } from "./identity.ts";
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
  /** Where unread replies are mailed, as far as that is known here. */
  address: () => string | undefined;
  keepAddress: (email: string) => void;
  /** Goes on without the site's word, as nobody in particular. */
  asGuest: () => void;
  shutdown: () => void;
};

type Options = Pick<Mount, "server" | "inboxKey" | "identity" | "onIdentityExpired" | "say">;

/** The visitor of one inbox on this device: one token shared by all tabs, one client per tab. */
export const createSession = (
  { server, inboxKey, ...page }: Options,
  onForgotten: (closes: boolean) => void,
): Session => {
  const storage = createStorage(inboxKey);
  const identity = createIdentity(page.identity, page);
  let started = false;

  const client = createClient({
    url: server,
    namespace: "/widget",
    outbox: createOutboxStore(storage),
    auth: async () => {
      const identityToken = await identity.token();
      const visitorToken = storage.get("visitor");
      return { inboxKey, ...(visitorToken && { visitorToken }), ...(identityToken && { identityToken }) };
    },
  });

  client.on("session:ready", ({ visitorToken, actor }) => {
    identity.taken();
    storage.set("visitor", visitorToken);
    // What one person began to write is not the next one's to finish.
    if (storage.get("actor") !== actor.id) ["draft:new", "email"].forEach(storage.remove);
    storage.set("actor", actor.id);
  });

  const forget = () => {
    started = false;
    identity.tell(undefined);
    client.forget();
    onForgotten(true);
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

  let heard: unknown;
  const advised = new Set<string>();
  client.subscribe(() => {
    const { status, error } = client.getState().session;
    if (error !== heard && status === "ended") {
      identity.refused(error, () => started && client.connect());
      const advice = adviceOn(error, { inboxKey, origin: location.origin });
      // Once: whoever presses "Try again" is not who can do it.
      if (advice !== undefined && !advised.has(advice)) page.say(advice);
      if (advice !== undefined) advised.add(advice);
    }
    heard = error;
  });

  const again = () => {
    if (!started) return;
    client.close();
    client.connect();
  };

  return {
    client,
    storage,
    start,
    identify: (told) => {
      if (identity.tell(told)) again();
    },
    identified: identity.isKnown,
    address: () => client.getState().session.email ?? (identity.isKnown() ? undefined : storage.get("email")),
    keepAddress: (email) => storage.set("email", email),
    asGuest: () => {
      identity.asGuest();
      // At once: what is written from here on is the guest's.
      client.forget();
      onForgotten(false);
      client.connect();
    },
    shutdown: () => {
      forget();
      storage.clear();
      storage.set("left", new Date().toISOString());
    },
  };
};
