import { timelineKey } from "../core/state.ts";
import type { Status } from "../../server/contract/entities.ts";
import type { Session } from "./session.ts";

/** What could not be opened is tried again with the first change after this. */
const openAgainMs = 5000;

export const isOver = (status: Status): boolean => status === "resolved" || status === "archived";

export type List = {
  state: "loading" | "ready" | "failed";
  /** Loads the next page; undefined when there is none. */
  more?: (() => void) | undefined;
  reload: () => void;
};

/**
 * The visitor's conversations, fetched at every new session. Those that are not over are opened and followed, also one that
 * another tab has just started, so that answers arrive, count and show as delivered while the panel is closed.
 */
export const followConversations = (
  { client, storage }: Session,
  onChange: () => void,
  onSomebodyElse: () => void,
): (() => List) => {
  let whose: string | undefined;
  const asked = new Set<string>();
  let state: List["state"] = "loading";
  let nextCursor: string | null = null;

  const follow = () => {
    const { conversations, timelines, session } = client.getState();
    if (!session.actor) whose = undefined;
    if (session.status !== "online") return;
    const live = Object.values(conversations).filter(({ status }) => !isOver(status));
    // The loader looks for this: whoever waits for an answer gets the app without a click.
    if (live.length > 0) storage.set("waits", "1");
    else if (state === "ready") storage.remove("waits");
    for (const { id } of live) {
      if (timelines[timelineKey(id, "public")]?.opened || asked.has(id)) continue;
      asked.add(id);
      client.open(id).catch(() => setTimeout(() => asked.delete(id), openAgainMs));
    }
  };

  const load = async (cursor?: string) => {
    try {
      ({ nextCursor } = await client.list(cursor ? { cursor } : {}));
      state = "ready";
    } catch {
      if (state !== "ready") state = "failed";
    }
    follow();
    onChange();
  };

  client.subscribe(follow);
  client.on("session:ready", ({ actor }) => {
    if (whose !== undefined && whose !== actor.id) {
      state = "loading";
      nextCursor = null;
      onSomebodyElse();
    }
    whose = actor.id;
    asked.clear();
    void load();
  });

  return () => ({
    state,
    more: nextCursor === null ? undefined : () => void load(nextCursor ?? undefined),
    reload: () => void load(),
  });
};
