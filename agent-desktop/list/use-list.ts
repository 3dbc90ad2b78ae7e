import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useMemo } from "react";
import type { Conversation } from "../../server/contract/entities.ts";
import { searchWords } from "../../server/contract/search-words.ts";
import { useClient, useClientState } from "../session/client-context.tsx";
import { useMe } from "../session/viewer.ts";
import { useUi } from "../shell/ui-store.ts";
import { countText, forgetSearches, loadShelf, useShelves, type ShelfState } from "./shelves.ts";
import { belongs, narrow, orderOf, queuedSince, shelfKey, shelve, type Shelf } from "./views.ts";

// Events keep a list up to date, but one of them may be missed, and nothing in a list shows a gap: it is asked for again
// now and then, more often where somebody looks at it.
const refreshShownMs = 15_000;
const refreshCountedMs = 60_000;
const countedShelves: Shelf[] = [
  { view: "mine", status: null },
  { view: "queue", status: null },
];

/** The shelf on screen: the queue knows one status only, and departments alone. */
const useShelf = (): Shelf => {
  const view = useUi((ui) => ui.view);
  const status = useUi((ui) => ui.status);
  const departmentId = useUi((ui) => ui.departmentId);
  return useMemo(
    () => (view === "queue" ? { view, status: null, departmentId } : { view, status }),
    [view, status, departmentId],
  );
};

/** So long after the last key what was typed is looked for. */
const typingMs = 250;
const mostCharacters = 100;

/** The same shelf as the server finds it for what was typed into the filter; null where nothing was. */
const useSearchShelf = (shelf: Shelf): Shelf | null => {
  const filter = useUi((ui) => ui.filter);
  const [settled] = useDebouncedValue(filter, typingMs);
  const search = searchWords(filter === "" ? "" : settled)
    .join(" ")
    .slice(0, mostCharacters);
  return useMemo(() => (search === "" ? null : { ...shelf, search }), [shelf, search]);
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

/** Fetches what the server finds for the filter, once per text: while one looks, live events keep it up to date. */
export const useSearchLoading = (): void => {
  const client = useClient();
  const me = useMe();
  const search = useSearchShelf(useShelf());
  const online = useClientState((state) => state.session.status === "online");
  useEffect(() => {
    forgetSearches(search && shelfKey(search));
    if (search && online) void loadShelf(client, search, me);
  }, [client, me, search, online]);
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

/** The list on screen, narrowed by what was typed into the filter: `shelf` is where more of it comes from. */
export const useList = () => {
  const shelf = useShelf();
  const search = useSearchShelf(shelf);
  const me = useMe();
  const filter = useUi((ui) => ui.filter);
  const { conversations, state } = useShelved(shelf);
  const known = useClientState((client) => client.conversations);
  const found = useShelves((shelves) => (search ? shelves[shelfKey(search)] : undefined));
  const rows = useMemo(() => {
    if (searchWords(filter).length === 0) return conversations;
    const here = new Set(conversations.map(({ id }) => id));
    const all = Object.values(known).filter(
      (one) => here.has(one.id) || (found?.ids.has(one.id) && belongs(one, shelf, me)),
    );
    return narrow(all.toSorted(orderOf(shelf.view)), filter, found?.ids);
  }, [conversations, known, found, filter, shelf, me]);
  const searching = searchWords(filter).length > 0;
  // While somebody types, nothing was looked for yet.
  return searching ? { shelf: search ?? shelf, state: found, rows, searching } : { shelf, state, rows, searching };
};

/** How many wait in the queue on screen, and since when the longest. */
export const useQueueFacts = (): { count: string | null; longest: string | null } => {
  const departmentId = useUi((ui) => ui.departmentId);
  const queue = useMemo((): Shelf => ({ view: "queue", status: null, departmentId }), [departmentId]);
  const { conversations, state } = useShelved(queue);
  return useMemo(() => {
    // What was left for later waits for nobody's hurry.
    const since = conversations.filter(({ forLater }) => !forLater).map(queuedSince);
    const longest = since.toSorted((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null;
    return { count: countText(conversations.length, state), longest };
  }, [conversations, state]);
};

/** What the tabs count, conversations both: one's own with something unread, and those that wait in the queue. */
export const useTabCounts = (): { mine: number; queue: string | null } => {
  const mine = useShelved(countedShelves[0]!);
  const queue = useShelved(countedShelves[1]!);
  return {
    mine: mine.conversations.filter(({ unread }) => unread > 0).length,
    queue: countText(queue.conversations.length, queue.state),
  };
};
