import { create } from "zustand";
import type { Audience } from "../../server/contract/entities.ts";

/** What is half written, by conversation and audience, and by whom: the next person at this browser may be another. */
type Drafts = { owner: string; texts: Record<string, string> };

const keyOf = (conversationId: string, audience: Audience) => `${conversationId}:${audience}`;
/** Each has a key of its own: tabs that wrote all of them at once would undo each other's. */
const prefixOf = (owner: string) => `parley:draft:${owner}:`;

const stored = (owner: string): Record<string, string> => {
  const prefix = prefixOf(owner);
  try {
    return Object.fromEntries(
      Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index) ?? "")
        .filter((key) => key.startsWith(prefix))
        .map((key) => [key.slice(prefix.length), localStorage.getItem(key) ?? ""]),
    );
  } catch {
    return {};
  }
};

const useDrafts = create<Drafts>(() => ({ owner: "", texts: {} }));

const put = (key: string, text: string) => {
  const { [key]: _, ...others } = useDrafts.getState().texts;
  useDrafts.setState({ texts: text === "" ? others : { ...others, [key]: text } });
};

/** Says whose drafts are written from now on. Those of others wait for their return. */
export const claimDrafts = (owner: string): void => useDrafts.setState({ owner, texts: stored(owner) }, true);

/** Takes in what other tabs of the same owner write. Returns the undo. */
export const followDrafts = (): (() => void) => {
  const follow = ({ key, newValue }: StorageEvent) => {
    const prefix = prefixOf(useDrafts.getState().owner);
    if (key?.startsWith(prefix)) put(key.slice(prefix.length), newValue ?? "");
  };
  window.addEventListener("storage", follow);
  return () => window.removeEventListener("storage", follow);
};

/** Keeps what is being written; replies and notes apart, so that a note never turns into a reply by a switch. */
export const setDraft = (conversationId: string, audience: Audience, text: string): void => {
  const key = keyOf(conversationId, audience);
  put(key, text);
  const stands = prefixOf(useDrafts.getState().owner) + key;
  try {
    if (text === "") localStorage.removeItem(stands);
    else localStorage.setItem(stands, text);
  } catch {
    // A full or forbidden storage costs the draft at the next reload, not now.
  }
};

export const getDraft = (conversationId: string, audience: Audience): string =>
  useDrafts.getState().texts[keyOf(conversationId, audience)] ?? "";

export const useDraft = (conversationId: string, audience: Audience): string =>
  useDrafts(({ texts }) => texts[keyOf(conversationId, audience)] ?? "");

/** Whether something unsent is written in the conversation. */
export const useHasDraft = (conversationId: string): boolean =>
  useDrafts(({ texts }) => Boolean(texts[keyOf(conversationId, "public")] ?? texts[keyOf(conversationId, "internal")]));

/** Forgets all drafts of `owner`, at sign-out. */
export const forgetDrafts = (owner = useDrafts.getState().owner): void => {
  if (useDrafts.getState().owner === owner) useDrafts.setState({ owner, texts: {} });
  for (const key of Object.keys(stored(owner))) localStorage.removeItem(prefixOf(owner) + key);
};
