import { useEffect, useRef, useState } from "react";
import { ParleyError } from "../../widget-sdk/core/client.ts";
import { timelineKey } from "../../widget-sdk/core/state.ts";
import type { AgentClient } from "../session/agent-client.ts";
import { useClient, useClientState } from "../session/client-context.tsx";
import { followed } from "./recent.ts";
import type { ReadCursors } from "./timeline-items.ts";

export type Opened =
  | { phase: "opening" }
  | { phase: "failed"; problem: ParleyError; retry: () => void }
  /** `readUpTo`: the own read cursors as they stood when it was opened; null when all was read. */
  | { phase: "open"; readUpTo: ReadCursors | null };

const readCursors = (client: AgentClient, id: string, me: string): ReadCursors | null => {
  const { receipts, conversations } = client.getState();
  const read = (audience: "public" | "internal") => receipts[timelineKey(id, audience)]?.[`agent:${me}`]?.readSeq ?? 0;
  const cursors = { public: read("public"), internal: read("internal") };
  // To somebody who never read any of it, all is new: nothing to point out.
  return cursors.public > 0 && (conversations[id]?.unread ?? 0) > 0 ? cursors : null;
};

const recent = new WeakMap<AgentClient, string[]>();

/** Follows one more, and lets go of what was opened longest ago. */
const follow = (client: AgentClient, id: string) => {
  const { kept, released } = followed(recent.get(client) ?? [], id);
  recent.set(client, kept);
  for (const other of released) client.release(other);
};

/**
 * Opens a conversation and follows it, in a component of its own for each. One opened before shows at once and is brought up to date behind that; one that
 * went out of reach is asked for again, so that its refusal is told.
 */
export const useOpened = (id: string, me: string): Opened => {
  const client = useClient();
  const opened = useClientState((state) => state.timelines[timelineKey(id, "public")]?.opened ?? false);
  const [tries, setTries] = useState(0);
  const [refused, setRefused] = useState<{ ask: string; problem: ParleyError } | null>(null);
  const [readUpTo, setReadUpTo] = useState<ReadCursors | null>();
  const asked = useRef("");
  const ask = `${id}:${tries}`;

  useEffect(() => {
    if (opened && asked.current === ask) return;
    asked.current = ask;
    let current = true;
    follow(client, id);
    client.open(id).catch((error: unknown) => {
      if (current && error instanceof ParleyError) setRefused({ ask, problem: error });
    });
    return () => {
      current = false;
    };
  }, [client, id, ask, opened]);

  // Taken once, at the first sight of it, before anything is marked as read.
  if (opened && readUpTo === undefined) setReadUpTo(readCursors(client, id, me));

  if (opened && readUpTo !== undefined) return { phase: "open", readUpTo };
  if (!opened && refused?.ask === ask)
    return { phase: "failed", problem: refused.problem, retry: () => setTries((count) => count + 1) };
  return { phase: "opening" };
};
