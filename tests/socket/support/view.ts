import type { Audience, Conversation, Entry, Receipt } from "../../../server/contract/entities.ts";
import type { VirtualClient } from "../../support/virtual-client.ts";
import { ask } from "./ask.ts";

/** What somebody's screen could show: lists, timelines, receipts, colleagues. */
export type View = {
  conversations: Conversation[];
  /** By conversation and audience; only what was opened. */
  entries: Record<string, Entry[]>;
  receipts: Record<string, Receipt[]>;
  colleagues: { id: string; name: string; presence: string; availability: string }[];
  /** What is held out to somebody, by conversation: until when. */
  offers: Record<string, string>;
};

type Offered = { conversation: { id: string }; expiresAt: string };

export const sortById = <T extends { id: string }>(list: T[]): T[] => list.toSorted((a, b) => (a.id < b.id ? -1 : 1));

export const timelineOf = (conversationId: string, audience: Audience) => `${conversationId}/${audience}`;

export const sortReceipts = (receipts: Receipt[]): Receipt[] =>
  receipts.toSorted((a, b) => (`${a.audience}${a.actor.id}` < `${b.audience}${b.actor.id}` ? -1 : 1));

/** Every page of the list. */
export const listAll = async (socket: VirtualClient): Promise<Conversation[]> => {
  const all: Conversation[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await ask(socket, "conversation:list", { limit: 100, ...(cursor !== undefined && { cursor }) });
    all.push(...page.conversations);
    cursor = page.nextCursor;
  }
  return all.toSorted((a, b) => (a.id < b.id ? -1 : 1));
};

/** What a socket that has just connected is shown; the timelines of `opened` alone. */
export const fetchView = async (socket: VirtualClient, opened: string[]): Promise<View> => {
  const conversations = await listAll(socket);
  const view: View = {
    conversations,
    entries: {},
    receipts: {},
    colleagues: sortById((socket.ready?.colleagues ?? []) as View["colleagues"]),
    offers: Object.fromEntries(
      ((socket.ready as { offers?: Offered[] } | undefined)?.offers ?? []).map(({ conversation, expiresAt }) => [
        conversation.id,
        expiresAt,
      ]),
    ),
  };
  const visible = new Set(conversations.map(({ id }) => id));
  for (const conversationId of opened.filter((id) => visible.has(id))) {
    const { entries, receipts } = await ask(socket, "conversation:open", { conversationId, limit: 100 });
    for (const audience of ["public", "internal"] as const) {
      if (audience === "internal" && socket.options.namespace === "/widget") continue;
      view.entries[timelineOf(conversationId, audience)] = entries.filter((entry) => entry.audience === audience);
    }
    view.receipts[conversationId] = sortReceipts(receipts);
  }
  return view;
};
