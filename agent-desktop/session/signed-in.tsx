import { useEffect, useState } from "react";
import type { LoginData } from "../../server/contract/admin.ts";
import { claimDrafts } from "../conversation/drafts.ts";
import { forgetShelves } from "../list/shelves.ts";
import { Desktop } from "../shell/desktop.tsx";
import { createAgentClient } from "./agent-client.ts";
import { ClientProvider } from "./client-context.tsx";

/** Holds the connection for as long as somebody is signed in. */
export const SignedIn = ({ login }: { login: LoginData }) => {
  const [client] = useState(() => {
    const owner = `${login.tenant.id}:${login.user.id}`;
    claimDrafts(owner);
    return createAgentClient(owner);
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
      client.close();
      forgetShelves();
    };
  }, [client]);
  return (
    <ClientProvider value={client}>
      <Desktop login={login} />
    </ClientProvider>
  );
};
