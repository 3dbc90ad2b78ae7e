import { useEffect, useMemo } from "react";
import type { Conversation } from "../../server/contract/entities.ts";
import { useClient, useClientState } from "../session/client-context.tsx";
import { useMe } from "../session/viewer.ts";
import { useUi } from "../shell/ui-store.ts";
import { loadShelf, useShelves, type ShelfState } from "./shelves.ts";
import { inDepartment, narrow, queuedSince, shelfKey, shelve, type Shelf } from "./views.ts";

// Events keep a list up to date, but one of them may be missed, and nothing in a list shows a gap: it is asked for again
// now and then, more often where somebody looks at it.
const refreshShownMs = 15_000;
const refreshCountedMs = 60_000;
const countedShelves: Shelf[] = [
  { view: "mine", status: null },
  { view: "queue", status: null },
];

/** The shelf on screen: the queue knows one status only. */
const useShelf = (): Shelf => {
  const view = useUi((ui) => ui.view);
  const status = useUi((ui) => ui.status);
  return useMemo(() => ({ view, status: view === "queue" ? null : status }), [view, status]);
};

/** Keeps the shelf on screen and the two that tabs count fetched: at each session, now and then, and when one comes back. */
export const useShelfLoading = (): void => {
  const client = useClient();
  const me = useMe();
  const shelf = useShelf();
  const online = useClientState((state) => state.session.status === "online");
  useEffect(() => {
    if (!online) return;
    const load = (shelves: Shelf[]) => {
      if (document.visibilityState === "hidden") return;
      for (const one of shelves) void loadShelf(client, one, me);
    };
    const loadAll = () => load([shelf, ...countedShelves.filter((other) => shelfKey(other) !== shelfKey(shelf))]);
    loadAll();
    const timers = [
      setInterval(() => load([shelf]), refreshShownMs),
      setInterval(() => load(countedShelves), refreshCountedMs),
    ];
    document.addEventListener("visibilitychange", loadAll);
    return () => {
      timers.forEach(clearInterval);
      document.removeEventListener("visibilitychange", loadAll);
    };
  }, [client, me, shelf, online]);
};

const shown = (known: Record<string, Conversation>, shelf: Shelf, me: string, state: ShelfState | undefined) => {
  if (!state) return [];
  const present = Object.values(known).filter(({ id, version }) => state.absent[id] !== version);
  return shelve(present, shelf, me, { ids: state.ids, complete: state.nextCursor === null });
};

/** A shelf's conversations in order, and how far its loading got. */
const useShelved = (shelf: Shelf): { conversations: Conversation[]; state: ShelfState | undefined } => {
  const me = useMe();
  const known = useClientState((client) => client.conversations);
  const state = useShelves((shelves) => shelves[shelfKey(shelf)]);
  const conversations = useMemo(() => shown(known, shelf, me, state), [known, shelf, me, state]);
  return { conversations, state };
};

/** The list on screen, narrowed by what was typed into the filter. */
export const useList = () => {
  const shelf = useShelf();
  const filter = useUi((ui) => ui.filter);
  const departmentId = useUi((ui) => ui.departmentId);
  const { conversations, state } = useShelved(shelf);
  const rows = useMemo(() => {
    const inView = shelf.view === "queue" ? inDepartment(conversations, departmentId) : conversations;
    return narrow(inView, filter);
  }, [conversations, filter, shelf, departmentId]);
  return { shelf, state, total: conversations.length, rows };
};

/** How many wait in the queue on screen, since when the longest, and whether there are more than were fetched. */
export const useQueueFacts = (): { count: number; goesOn: boolean; longest: string | null } => {
  const departmentId = useUi((ui) => ui.departmentId);
  const { conversations, state } = useShelved(countedShelves[1]!);
  return useMemo(() => {
    // What was left for later waits for nobody's hurry.
    const waiting = inDepartment(conversations, departmentId).filter(({ forLater }) => !forLater);
    const since = waiting.map(queuedSince).toSorted((a, b) => Date.parse(a) - Date.parse(b));
    return { count: waiting.length, goesOn: Boolean(state?.nextCursor), longest: since[0] ?? null };
  }, [conversations, departmentId, state]);
};

/** What the tabs count, conversations both: one's own with something unread, and those that wait in the queue. */
export const useTabCounts = (): { mine: number; queue: number; queueGoesOn: boolean } => {
  const mine = useShelved(countedShelves[0]!);
  const queue = useShelved(countedShelves[1]!);
  return {
    mine: mine.conversations.filter(({ unread }) => unread > 0).length,
    queue: queue.conversations.length,
    queueGoesOn: Boolean(queue.state?.nextCursor),
  };
};
