import { useEffect, useState } from "react";
import type { LoginData } from "../../server/contract/admin.ts";
import { claimDrafts, followDrafts, forgetDrafts } from "../conversation/drafts.ts";
import { forgetShelves } from "../list/shelves.ts";
import { Desktop } from "../shell/desktop.tsx";
import { claimPreferences, followPreferences } from "../shell/preferences.ts";
import { createAgentClient } from "./agent-client.ts";
import { ClientProvider } from "./client-context.tsx";
import type { Acting } from "./session-store.ts";

type Props = {
  login: LoginData;
  /** Whose drafts and unsent messages these are. */
  owner: string;
  /** In a member's place: what is unsent or half written at the end is gone. */
  acting: Acting | undefined;
};

/** Holds the connection for as long as somebody is signed in. */
export const SignedIn = ({ login, owner, acting }: Props) => {
  const inPlace = acting !== undefined;
  const [client] = useState(() => {
    claimDrafts(owner);
    claimPreferences((acting?.own ?? login).user.id);
    return createAgentClient(owner, { reportDelivery: !inPlace });
  });
  useEffect(followDrafts, []);
  useEffect(followPreferences, []);
  useEffect(() => {
    client.connect();
    const wake = () => client.wake();
    const wakeWhenSeen = () => document.visibilityState === "visible" && client.wake();
    const drop = () => client.drop();
    window.addEventListener("online", wake);
    // The browser knows at once what the heartbeat would find out half a minute later.
    window.addEventListener("offline", drop);
    document.addEventListener("visibilitychange", wakeWhenSeen);
    return () => {
      window.removeEventListener("online", wake);
      window.removeEventListener("offline", drop);
      document.removeEventListener("visibilitychange", wakeWhenSeen);
      if (inPlace) {
        client.forget();
        forgetDrafts(owner);
      } else client.close();
      forgetShelves();
    };
  }, [client, owner, inPlace]);
  return (
    <ClientProvider value={client}>
      <Desktop login={login} />
    </ClientProvider>
  );
};
