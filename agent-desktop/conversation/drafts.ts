import { create } from "zustand";
import type { Audience } from "../../server/contract/entities.ts";

/** What is half written, by conversation and audience, and by whom: the next person at this browser may be another. */
type Drafts = { owner: string; texts: Record<string, string> };

const storageKey = "parley:drafts";
const nothing: Drafts = { owner: "", texts: {} };
const keyOf = (conversationId: string, audience: Audience) => `${conversationId}:${audience}`;

const stored = (): Drafts => {
  try {
    const { owner, texts } = JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Partial<Drafts>;
    if (typeof owner !== "string" || typeof texts !== "object") return nothing;
    return { owner, texts: Object.fromEntries(Object.entries(texts).filter(([, text]) => typeof text === "string")) };
  } catch {
    return nothing;
  }
};

const useDrafts = create<Drafts>(stored);

const keep = (drafts: Drafts) => {
  useDrafts.setState(drafts, true);
  try {
    localStorage.setItem(storageKey, JSON.stringify(drafts));
  } catch {
    // A full or forbidden storage costs the draft at the next reload, not now.
  }
};

/** Says whose drafts are kept from now on; those of somebody else are forgotten. */
export const claimDrafts = (owner: string): void => {
  if (useDrafts.getState().owner !== owner) keep({ owner, texts: {} });
};

/** Keeps what is being written; replies and notes apart, so that a note never turns into a reply by a switch. */
export const setDraft = (conversationId: string, audience: Audience, text: string): void => {
  const { owner, texts } = useDrafts.getState();
  const { [keyOf(conversationId, audience)]: _, ...others } = texts;
  keep({ owner, texts: text === "" ? others : { ...others, [keyOf(conversationId, audience)]: text } });
};

export const getDraft = (conversationId: string, audience: Audience): string =>
  useDrafts.getState().texts[keyOf(conversationId, audience)] ?? "";

export const useDraft = (conversationId: string, audience: Audience): string =>
  useDrafts(({ texts }) => texts[keyOf(conversationId, audience)] ?? "");

/** Whether something unsent is written in the conversation. */
export const useHasDraft = (conversationId: string): boolean =>
  useDrafts(({ texts }) => Boolean(texts[keyOf(conversationId, "public")] ?? texts[keyOf(conversationId, "internal")]));

/** Forgets all drafts, at sign-out. */
export const forgetDrafts = (): void => keep({ ...useDrafts.getState(), texts: {} });
