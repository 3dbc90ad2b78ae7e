import type { Socket } from "socket.io-client";
import type { Action } from "./actions.ts";
import type { Client } from "./client.ts";
import type { EventData, EventName, Namespace, Ready } from "./wire.ts";

type AllEvents = {
  [E in EventName<"/agent">]: EventData<"/agent", E>;
} & { [E in Exclude<EventName<"/widget">, EventName<"/agent">>]: EventData<"/widget", E> };

type Hooks = { ready: (ready: Ready) => void; expiring: () => Promise<void> };

/** Feeds the socket's events to the state, then to whoever listens. Returns `on`. */
export const bindEvents = <N extends Namespace>(
  socket: Socket,
  dispatch: (action: Action) => void,
  hooks: Hooks,
): Client<N>["on"] => {
  const listeners = new Map<string, Set<(data: any) => void>>();
  const actions: { [E in keyof AllEvents]?: (data: AllEvents[E]) => Action } = {
    "entry:appended": ({ entry }) => ({ type: "appended", entry }),
    "timeline:head": (head) => ({ type: "head", ...head }),
    "conversation:updated": ({ conversation }) => ({ type: "updated", conversation }),
    "typing:changed": (typing) => ({ type: "typing", ...typing, nowMs: Date.now() }),
    "receipt:recorded": ({ conversationId, ...receipt }) => ({ type: "receipt", conversationId, receipt }),
    "presence:changed": ({ also = [], ...change }) => ({ type: "presence", changes: [change, ...also] }),
    "queue:changed": ({ conversationId, ...place }) => ({ type: "placed", conversationId, place }),
    "inbox:changed": ({ inbox }) => ({ type: "inbox", inbox }),
    "conversation:offered": (offer) => ({ type: "offered", offer }),
    "conversation:removed": ({ conversationId }) => ({ type: "dropped", conversationId, forget: true }),
    "offer:ended": ({ conversationId }) => ({ type: "offerEnded", conversationId }),
    "availability:changed": ({ availability }) => ({ type: "availability", availability }),
  };
  const toAction = actions as Record<string, ((data: any) => Action) | undefined>;

  socket.onAny((event: string, data: any) => {
    if (event === "session:ready") {
      dispatch({ type: "ready", ready: data, nowMs: Date.now() });
      hooks.ready(data);
    } else if (event === "session:expiring") {
      // Without a fresh token the server ends the session in its own time, and says so.
      hooks.expiring().catch(() => {});
    } else {
      const action = toAction[event]?.(data) ?? conversationNews(data);
      if (action) dispatch(action);
    }
    for (const listener of listeners.get(event) ?? []) listener(data);
  });

  return (event, listener) => {
    const set = listeners.get(event) ?? new Set();
    listeners.set(event, set.add(listener as (data: unknown) => void));
    return () => void set.delete(listener as (data: unknown) => void);
  };
};

/** `conversation:assigned` and its like: whatever else they say, they bring the conversation as it stands. */
const conversationNews = (data: any): Action | undefined =>
  data?.conversation?.id ? { type: "updated", conversation: data.conversation } : undefined;
