import { create } from "zustand";
import { ParleyError } from "../../widget-sdk/core/client.ts";
import type { AgentClient } from "../session/agent-client.ts";
import { belongs, shelfKey, type Shelf } from "./views.ts";

/** What is known of one shelf's pages. `absent`: versions the server left out although they seemed to belong. */
export type ShelfState = {
  ids: ReadonlySet<string>;
  nextCursor: string | null;
  phase: "loading" | "ready" | "error";
  extending: boolean;
  problem?: string;
  absent: Readonly<Record<string, number>>;
};

const pageSize = 50;
const mostPages = 6;
const fresh: ShelfState = { ids: new Set(), nextCursor: null, phase: "loading", extending: false, absent: {} };

export const useShelves = create<Record<string, ShelfState>>(() => ({}));

const put = (key: string, change: Partial<ShelfState>) =>
  useShelves.setState((all) => ({ ...all, [key]: { ...(all[key] ?? fresh), ...change } }));

const sentence = (error: unknown) => (error instanceof ParleyError ? error.message : "The list could not be loaded.");

const askPage = (client: AgentClient, { view, status, departmentId, search }: Shelf, cursor: string | null) =>
  client.list({
    view,
    ...(status && { status }),
    ...(departmentId && { departmentId }),
    ...(search && { search }),
    ...(cursor && { cursor }),
    limit: pageSize,
  });

/** How many pages without a hit are asked for before the person is asked whether to look further. */
const mostFruitless = 10;

/** The next page that holds anything: those of a search may be empty, and go on. */
const page = async (client: AgentClient, shelf: Shelf, cursor: string | null) => {
  let answer = await askPage(client, shelf, cursor);
  for (let tries = 1; answer.conversations.length === 0 && answer.nextCursor && tries < mostFruitless; tries += 1)
    answer = await askPage(client, shelf, answer.nextCursor);
  return answer;
};

const known = (client: AgentClient) => Object.values(client.getState().conversations);

/**
 * What seemed to belong when a fetch began and was not among all that came: it changed while nobody told. What changed
 * during the fetch is newer than its answer and stays.
 */
const absentAfter = (
  client: AgentClient,
  shelf: Shelf,
  me: string,
  ids: ReadonlySet<string>,
  before: Map<string, number>,
) =>
  Object.fromEntries(
    known(client)
      .filter((one) => belongs(one, shelf, me) && !ids.has(one.id) && before.get(one.id) === one.version)
      .map(({ id, version }) => [id, version]),
  );

const running = new Map<string, Promise<void>>();

/**
 * Fetches a shelf, as far down as it was loaded before. Live events keep it up to date in between; a fetch puts right what
 * they missed. Problems end up in the shelf's state.
 */
export const loadShelf = (client: AgentClient, shelf: Shelf, me: string): Promise<void> => {
  const key = shelfKey(shelf);
  const underway = running.get(key);
  if (underway) return underway;
  const load = async () => {
    const wanted = Math.min(useShelves.getState()[key]?.ids.size ?? 0, pageSize * mostPages);
    if (useShelves.getState()[key]?.phase !== "ready") put(key, { phase: "loading" });
    try {
      const before = new Map(known(client).map(({ id, version }) => [id, version]));
      const ids = new Set<string>();
      let cursor: string | null = null;
      do {
        const { conversations, nextCursor } = await page(client, shelf, cursor);
        for (const { id } of conversations) ids.add(id);
        cursor = nextCursor;
      } while (cursor && ids.size < wanted);
      // What is left out of a search does not match, which says nothing of whether it changed.
      const absent = cursor || shelf.search ? {} : absentAfter(client, shelf, me, ids, before);
      put(key, { ids, nextCursor: cursor, phase: "ready", problem: undefined, absent });
    } catch (error) {
      if (useShelves.getState()[key]?.phase === "ready") return;
      put(key, { phase: "error", problem: sentence(error) });
    }
  };
  const done = load().finally(() => running.delete(key));
  running.set(key, done);
  return done;
};

/** Fetches the next page of a shelf. Rejects with a sentence for the person. */
export const extendShelf = async (client: AgentClient, shelf: Shelf): Promise<void> => {
  const key = shelfKey(shelf);
  const state = useShelves.getState()[key];
  if (!state?.nextCursor || state.extending) return;
  put(key, { extending: true });
  try {
    const { conversations, nextCursor } = await page(client, shelf, state.nextCursor);
    const held = useShelves.getState()[key]?.ids ?? [];
    put(key, { ids: new Set([...held, ...conversations.map(({ id }) => id)]), nextCursor });
  } catch (error) {
    throw new Error(sentence(error), { cause: error });
  } finally {
    put(key, { extending: false });
  }
};

/** What was found for words that are no longer looked for. */
export const forgetSearches = (kept: string | null): void =>
  useShelves.setState(
    (all) =>
      Object.fromEntries(Object.entries(all).filter(([key]) => key === kept || !key.split(":").slice(3).join(":"))),
    true,
  );

/**
 * How many a shelf holds, in words; null for none. While more remain on the server it says how many were fetched, which is
 * the same wherever it is told: of those that are shown, some may have left meanwhile.
 */
export const countText = (shown: number, state: Pick<ShelfState, "ids" | "nextCursor"> | undefined): string | null => {
  if (state?.nextCursor) return `${state.ids.size}+`;
  return shown === 0 ? null : String(shown);
};

export const forgetShelves = (): void => useShelves.setState({}, true);
