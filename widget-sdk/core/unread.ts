import type { Conversation, Entry } from "../../server/contract/entities.ts";
import { changeOf, changeMessage } from "./activity.ts";
import { actorKey, audiencesOf, headOf, isMine, timelineKey } from "./state.ts";
import type { ClientState, TimelineKey } from "./state.ts";
import { firstSeq } from "./timeline.ts";

/** The wire's own bound: past 99 it says 100. */
const mostUnread = 100;

const readSeqOf = (state: ClientState, key: TimelineKey): number | undefined => {
  const me = state.session.actor;
  return me && state.receipts[key]?.[actorKey(me)]?.readSeq;
};

/** Messages by others among `entries` past `afterSeq`. */
const countUnread = (state: ClientState, entries: Entry[], afterSeq: number): number => {
  let unread = 0;
  for (let index = entries.length - 1; index >= 0; index -= 1) {
    const entry = entries[index]!;
    if (entry.seq <= afterSeq || unread === mostUnread) break;
    if (entry.kind === "message" && entry.deletedAt === undefined && !isMine(state, entry.author)) unread += 1;
  }
  return unread;
};

/** The exact number, where everything past the own read cursors is loaded; undefined where it is not. */
const exactUnread = (state: ClientState, conversationId: string): number | undefined => {
  let unread = 0;
  for (const audience of audiencesOf(state)) {
    const key = timelineKey(conversationId, audience);
    const timeline = state.timelines[key];
    const readSeq = readSeqOf(state, key) ?? (timeline?.opened ? 0 : undefined);
    if (!timeline || readSeq === undefined || firstSeq(timeline) > readSeq + 1) return undefined;
    unread += countUnread(state, timeline.entries, readSeq);
  }
  return Math.min(unread, mostUnread);
};

/**
 * The state with a conversation's `unread` brought up to what its timelines hold. Exact where that is possible, else what
 * was told plus what arrived since: an update told to many at once carries no number of one's own.
 */
export const recountUnread = (state: ClientState, conversationId: string): ClientState => {
  const conversation = state.conversations[conversationId];
  if (!conversation) return state;
  const counted = { ...state.counted };
  let arrived = 0;
  let allRead = true;
  for (const audience of audiencesOf(state)) {
    const key = timelineKey(conversationId, audience);
    const from = counted[key] ?? headOf(conversation, audience) ?? 0;
    const timeline = state.timelines[key];
    const readSeq = readSeqOf(state, key) ?? 0;
    if (timeline) arrived += countUnread(state, timeline.entries, Math.max(from, readSeq));
    counted[key] = Math.max(from, timeline?.heldSeq ?? 0);
    if (readSeq < counted[key]) allRead = false;
  }
  const told = allRead ? 0 : Math.min(conversation.unread + arrived, mostUnread);
  const unread = exactUnread(state, conversationId) ?? told;
  const conversations =
    unread === conversation.unread
      ? state.conversations
      : { ...state.conversations, [conversationId]: { ...conversation, unread } };
  return { ...state, conversations, counted };
};

const lastSeqTold = (conversation: Conversation) => conversation.publicSeq + (conversation.internalSeq ?? 0);

/**
 * Takes in a conversation as the server presented it. `fetched`: the answer to a command; otherwise an event, whose state
 * counts only with a higher version and whose `unread`, where it has one, only if it is not behind. Heads only ever grow.
 */
export const takeConversation = (state: ClientState, told: Conversation, fetched: boolean): ClientState => {
  const held = state.conversations[told.id];
  const older = held && (fetched ? told.version < held.version : told.version <= held.version);
  const base = held && older ? held : told;
  const behind = held !== undefined && lastSeqTold(held) > lastSeqTold(told);
  const newest = behind ? held : told;
  const internalSeq = Math.max(held?.internalSeq ?? -1, told.internalSeq ?? -1);
  // Told to many at once, an event has no number for this viewer.
  const counts = fetched || !held || (!behind && (told.unread as number | undefined) !== undefined);
  let current: Conversation = {
    ...base,
    unread: (counts ? told.unread : held?.unread) ?? 0,
    publicSeq: Math.max(held?.publicSeq ?? 0, told.publicSeq),
    updatedAt: newest.updatedAt,
    ...(internalSeq >= 0 && { internalSeq }),
    ...(newest.lastEntry && { lastEntry: newest.lastEntry }),
  };
  const counted = { ...state.counted };
  for (const audience of audiencesOf(state)) {
    const key = timelineKey(told.id, audience);
    const head = headOf(told, audience);
    if (head === undefined) continue;
    if (counts) counted[key] = head;
    // An answer may have been overtaken by live entries.
    const timeline = state.timelines[key];
    for (const entry of timeline ? timeline.entries.slice(Math.max(0, head + 1 - firstSeq(timeline))) : []) {
      current = touchConversation(current, entry);
    }
  }
  const conversations = { ...state.conversations, [told.id]: current };
  return recountUnread({ ...state, counted, conversations }, told.id);
};

/**
 * Brings a conversation up to an entry that was just learned: its head, the last public message, and since when the
 * contact waits, as the server keeps them with every message and tells them with none.
 */
export const touchConversation = (conversation: Conversation, entry: Entry): Conversation => {
  const head = headOf(conversation, entry.audience) ?? 0;
  const last = conversation.lastEntry;
  const changed = last && changeOf(entry)?.seq === last.seq && entry.audience === last.audience;
  const lastEntry = changed ? changeMessage(last, entry) : last;
  if (entry.seq <= head) return lastEntry === last ? conversation : { ...conversation, lastEntry: lastEntry! };
  const { waitingSince, firstResponseAt, ...rest } = conversation;
  const { createdAt, author } = entry;
  const said = entry.kind === "message" && entry.audience === "public";
  const asked = said && author.kind === "contact";
  const answered = said && author.kind === "agent";
  const since = answered ? undefined : (waitingSince ?? (asked ? createdAt : undefined));
  const responded = firstResponseAt ?? (answered ? createdAt : undefined);
  return {
    ...rest,
    ...(entry.audience === "public" ? { publicSeq: entry.seq } : { internalSeq: entry.seq }),
    ...(said ? { lastEntry: entry } : lastEntry && { lastEntry }),
    ...(since !== undefined && { waitingSince: since }),
    ...(responded !== undefined && { firstResponseAt: responded }),
    updatedAt: createdAt > conversation.updatedAt ? createdAt : conversation.updatedAt,
  };
};
