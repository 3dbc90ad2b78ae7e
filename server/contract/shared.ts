import * as v from "valibot";
import { command } from "./define.ts";
import {
  Actor,
  Audience,
  Body,
  ClientId,
  Conversation,
  Entry,
  Id,
  Limit,
  limits,
  Receipt,
  Seq,
  Status,
  Timeline,
  text,
  HeadCursor,
} from "./entities.ts";

const cursorsDiffer = (cursors: { conversationId: string; audience: string; afterSeq: number }[]) =>
  new Set(cursors.map(({ conversationId, audience, afterSeq }) => `${conversationId} ${audience} ${afterSeq}`)).size ===
  cursors.length;

/** Commands both namespaces speak alike. */
export const timelineCommands = {
  "conversation:open": command({
    payload: v.strictObject({ conversationId: Id, limit: v.optional(Limit) }),
    data: v.object({ conversation: Conversation, entries: v.array(Entry), receipts: v.array(Receipt) }),
    limit: "read",
  }),
  "conversation:sync": command({
    payload: v.strictObject({
      cursors: v.pipe(
        v.array(v.strictObject({ conversationId: Id, audience: Audience, afterSeq: Seq })),
        v.maxLength(limits.syncCursors),
        v.check((cursors) => cursorsDiffer(cursors), "must not hold the same cursor twice"),
      ),
    }),
    data: v.object({ timelines: v.array(Timeline) }),
    limit: "read",
  }),
  "conversation:history": command({
    payload: v.strictObject({ conversationId: Id, audience: Audience, beforeSeq: Seq, limit: v.optional(Limit) }),
    data: v.object({ entries: v.array(Entry) }),
    limit: "read",
  }),
  "typing:set": command({
    payload: v.strictObject({ conversationId: Id, audience: v.optional(Audience), typing: v.boolean() }),
    data: v.object({}),
    limit: "signal",
  }),
  "receipt:record": command({
    payload: v.strictObject({
      conversationId: Id,
      audience: v.optional(Audience),
      deliveredSeq: v.optional(Seq),
      readSeq: v.optional(Seq),
    }),
    data: v.object({}),
    limit: "signal",
  }),
};

/** The base of `message:send`; agents may add an audience and `seenSeq`. */
export const sendFields = {
  conversationId: Id,
  clientId: ClientId,
  body: Body,
  replyToSeq: v.optional(Seq),
};

export const listFields = {
  status: v.optional(Status),
  departmentId: v.optional(Id),
  cursor: v.optional(text(200)),
  limit: v.optional(Limit),
};

export const SentData = v.object({ entry: Entry, headSeq: v.number() });
export const EntryData = v.object({ entry: Entry });
export const ConversationData = v.object({ conversation: Conversation });
export const ConversationPage = v.object({ conversations: v.array(Conversation), nextCursor: v.nullable(v.string()) });

// As a string because the `v` flag is younger than our compile target; Node 20 and today's browsers know it.
const oneEmoji = new RegExp("^(?:\\p{RGI_Emoji}|\\p{Extended_Pictographic}\\uFE0F?)$", "v");

// Keyboards differ in whether they say that a character is meant as an emoji; with it where the character is text by itself,
// and only there, each emoji has one spelling (Unicode's "fully-qualified" form).
const qualified = (emoji: string): string =>
  emoji
    .replace(/[\ufe0e\ufe0f]/gu, "")
    .replace(
      /(?!\p{Emoji_Presentation})\p{Extended_Pictographic}(?!\p{Emoji_Modifier})|[\d#*](?=\u20e3)/gu,
      "$&\ufe0f",
    );

/** One emoji, whatever number of code points it is made of. */
export const Emoji = v.pipe(
  text(32, 1),
  v.transform(qualified),
  v.check((emoji) => oneEmoji.test(emoji), "must be one emoji"),
);

export const aboutMessage = { conversationId: Id, audience: v.optional(Audience), seq: Seq };

/** What every session hears; `session:ready` adds its own fields per namespace. */
export const readyFields = {
  contractLevel: v.number(),
  serverTime: v.string(),
  tenant: v.object({ id: v.string(), name: v.string() }),
  actor: Actor,
  unread: v.number(),
  cursors: v.array(HeadCursor),
};

/** Somebody came, went, or chose otherwise. */
export const PresenceChange = v.object({
  actor: Actor,
  presence: v.picklist(["online", "idle", "offline"]),
  availability: v.optional(v.picklist(["available", "away"])),
});
export type PresenceChange = v.InferOutput<typeof PresenceChange>;

/**
 * `presence:changed` names one who changed; where very many do at once, the others follow in `also`.
 * `conversation:updated` leaves `unread` out where it is told to many at once: it is the viewer's own number,
 * fetched with the conversation and kept by the client from then on.
 */
export const timelineEvents = {
  "entry:appended": v.object({ entry: Entry }),
  "timeline:head": v.object({ conversationId: v.string(), audience: Audience, headSeq: v.number() }),
  "conversation:updated": v.object({ conversation: Conversation }),
  "typing:changed": v.object({ conversationId: v.string(), audience: Audience, actor: Actor, typing: v.boolean() }),
  "receipt:recorded": v.object({
    conversationId: v.string(),
    audience: Audience,
    actor: Actor,
    deliveredSeq: v.number(),
    readSeq: v.number(),
  }),
  "presence:changed": v.object({ ...PresenceChange.entries, also: v.optional(v.array(PresenceChange)) }),
  "session:ended": v.object({ reason: v.string(), reconnect: v.boolean() }),
};
