import type { Audience, Entry } from "../contract/entities.ts";

/**
 * What this node has told its members of each conversation lately, so that healing repeats nothing. It forgets after one
 * to two minutes; what is forgotten is told once more, which does no harm.
 */
export type Told = {
  entry: (entry: Pick<Entry, "conversationId" | "audience" | "seq">) => void;
  /** Notes the head and says whether it was news. */
  head: (conversationId: string, audience: Audience, seq: number) => boolean;
  /** The same for those who see the conversation in a list without following it. */
  watchedHead: (conversationId: string, audience: Audience, seq: number) => boolean;
  version: (conversationId: string, version: number) => boolean;
  /** That the agent was given it. */
  assigned: (conversationId: string, agentId: string) => boolean;
  /** That it was held out to whom it is held out to, and when. */
  offered: (conversationId: string, offeredAt: string) => boolean;
};

const generationMs = 60_000;

export const createTold = (now: () => number = Date.now): Told => {
  let young = new Map<string, number>();
  let old = new Map<string, number>();
  let born = now();

  const note = (key: string, value: number): boolean => {
    if (now() - born > generationMs) {
      old = young;
      young = new Map();
      born = now();
    }
    const known = young.get(key) ?? old.get(key) ?? -1;
    if (value <= known) return false;
    young.set(key, value);
    return true;
  };

  return {
    entry: ({ conversationId, audience, seq }) => void note(conversationId + audience, seq),
    head: (conversationId, audience, seq) => note(conversationId + audience, seq),
    watchedHead: (conversationId, audience, seq) => note(`${conversationId}${audience}:list`, seq),
    version: (conversationId, version) => note(conversationId, version),
    assigned: (conversationId, agentId) => note(`${conversationId}:${agentId}`, 0),
    offered: (conversationId, offeredAt) => note(`${conversationId}:offer`, Date.parse(offeredAt)),
  };
};
