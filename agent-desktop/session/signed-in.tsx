import { useEffect, useState } from "react";
import type { LoginData } from "../../server/contract/admin.ts";
import { claimDrafts } from "../conversation/drafts.ts";
import { forgetShelves } from "../list/shelves.ts";
import { Desktop } from "../shell/desktop.tsx";
import { createAgentClient } from "./agent-client.ts";
import { ClientProvider } from "./client-context.tsx";

type Props = {
  login: LoginData;
  /** Whose drafts and unsent messages these are. */
  owner: string;
  /** In a member's place: what is unsent at the end is not sent later. */
  acting: boolean;
};

/** Holds the connection for as long as somebody is signed in. */
export const SignedIn = ({ login, owner, acting }: Props) => {
  const [client] = useState(() => {
    claimDrafts(owner);
    return createAgentClient(owner, { reportDelivery: !acting });
  });
  useEffect(() => {
    client.connect();
    const wake = () => client.wake();
    const wakeWhenSeen = () => document.visibilityState === "visible" && client.wake();
    window.addEventListener("online", wake);
    document.addEventListener("visibilitychange", wakeWhenSeen);
    return () => {
      window.removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wakeWhenSeen);
      if (acting) client.forget();
      else client.close();
      forgetShelves();
    };
  }, [client, acting]);
  return (
    <ClientProvider value={client}>
      <Desktop login={login} />
    </ClientProvider>
  );
};
