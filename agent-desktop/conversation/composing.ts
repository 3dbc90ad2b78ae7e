import { create } from "zustand";
import type { Audience } from "../../server/contract/entities.ts";

/** A message that the composer is about: the one being edited, or the one being answered. */
export type About = { conversationId: string; audience: Audience; seq: number };

type Composing = {
  audience: Audience;
  editing: (About & { body: string }) | null;
  replyingTo: About | null;
  /** Counts requests to put the caret into the composer. */
  focusAsked: number;
};

const nothing: Composing = { audience: "public", editing: null, replyingTo: null, focusAsked: 0 };

/** What the composer of the open conversation is doing, beside the draft itself. */
export const useComposing = create<Composing>(() => nothing);

const change = (to: Partial<Composing>) =>
  useComposing.setState((now) => ({ ...now, ...to, focusAsked: now.focusAsked + 1 }));

/** Another conversation is opened: what the composer was doing belongs to the last one. */
export const resetComposing = (): void => useComposing.setState({ ...nothing, focusAsked: 0 }, true);

/** Switches between reply and note. An edit or a quote belongs to its own timeline and is dropped. */
export const composeFor = (audience: Audience): void =>
  change(useComposing.getState().audience === audience ? {} : { audience, editing: null, replyingTo: null });

export const startEditing = (about: About, body: string): void =>
  change({ audience: about.audience, editing: { ...about, body }, replyingTo: null });

export const changeEdited = (body: string): void =>
  useComposing.setState(({ editing }) => ({ editing: editing && { ...editing, body } }));

export const startReplyingTo = (about: About): void =>
  change({ audience: about.audience, replyingTo: about, editing: null });

export const stopEditing = (): void => change({ editing: null });
export const stopReplyingTo = (): void => change({ replyingTo: null });
