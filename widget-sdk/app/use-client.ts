import { useEffect, useState } from "preact/hooks";
import type { Client, ClientState } from "../core/client.ts";

/** The client's state, drawn anew whenever it changes. */
export const useClientState = (client: Client<"/widget">): ClientState => {
  const [state, setState] = useState(client.getState());
  useEffect(() => {
    const take = () => setState(client.getState());
    // Something may have happened between the first render and now.
    take();
    return client.subscribe(take);
  }, [client]);
  return state;
};
