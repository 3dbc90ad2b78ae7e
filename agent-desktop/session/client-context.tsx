import { createContext, useContext, useSyncExternalStore } from "react";
import type { ClientState } from "../../widget-sdk/core/state.ts";
import type { AgentClient } from "./agent-client.ts";

const ClientContext = createContext<AgentClient | null>(null);

export const ClientProvider = ClientContext.Provider;

/** The connection of this session. Only below SignedIn. */
export const useClient = (): AgentClient => {
  const client = useContext(ClientContext);
  if (!client) throw new Error("useClient outside of a session");
  return client;
};

/** A part of the client's state. `select` must give the same reference as long as nothing changed. */
export const useClientState = <T,>(select: (state: ClientState) => T): T => {
  const client = useClient();
  return useSyncExternalStore(client.subscribe, () => select(client.getState()));
};
