import * as v from "valibot";
import { command } from "./define.ts";
import { Body, ClientId, Conversation, Email, Entry, Id, label, text, words } from "./entities.ts";
import {
  aboutMessage,
  ConversationData,
  ConversationPage,
  Emoji,
  EntryData,
  listFields,
  readyFields,
  sendFields,
  SentData,
  timelineCommands,
  timelineEvents,
} from "./shared.ts";
import { OfflineBehaviour } from "./routing.ts";

/** What a widget shows at the handshake. */
export const WidgetAuth = v.object({
  inboxKey: text(100, 1),
  visitorToken: v.optional(v.pipe(v.string(), v.maxLength(4000))),
  identityToken: v.optional(v.pipe(v.string(), v.maxLength(4000))),
});
export type WidgetAuth = v.InferInput<typeof WidgetAuth>;

/** What a page knows of its visitor, by name. */
const Fields = v.pipe(
  v.custom<Record<string, string>>(
    (value) => Object.prototype.toString.call(value) === "[object Object]",
    "must be an object",
  ),
  v.record(text(100, 1), text(1000)),
  v.maxEntries(50),
);

export const widgetCommands = {
  ...timelineCommands,
  "conversation:start": command({
    payload: v.strictObject({
      clientId: ClientId,
      body: v.optional(Body),
      departmentId: v.optional(Id),
      subject: v.optional(words(200)),
      fields: v.optional(Fields),
      /** How to reach a visitor who leaves a message while nobody is there. */
      name: v.optional(label(200)),
      email: v.optional(Email),
    }),
    data: v.object({ conversation: Conversation, entry: v.optional(Entry) }),
    limit: "start",
  }),
  "conversation:list": command({ payload: v.strictObject(listFields), data: ConversationPage, limit: "read" }),
  "message:send": command({ payload: v.strictObject(sendFields), data: SentData, limit: "message" }),
  "message:edit": command({
    payload: v.strictObject({ ...aboutMessage, body: Body }),
    data: EntryData,
    limit: "write",
  }),
  "message:delete": command({ payload: v.strictObject(aboutMessage), data: EntryData, limit: "write" }),
  "message:react": command({
    payload: v.strictObject({ ...aboutMessage, emoji: Emoji, remove: v.optional(v.boolean()) }),
    data: EntryData,
    limit: "write",
  }),
  "conversation:resolve": command({
    payload: v.strictObject({ conversationId: Id }),
    data: ConversationData,
    limit: "write",
  }),
};

/**
 * Whether somebody answers now. `open`: business hours, or none are set. `online`: an agent is there and available.
 * `offlineBehaviour` says what a closed department does; `opensAt` when it opens next, if ever.
 */
export const InboxAvailability = v.object({
  open: v.boolean(),
  online: v.boolean(),
  offlineBehaviour: OfflineBehaviour,
  opensAt: v.nullable(v.string()),
});
export type InboxAvailability = v.InferOutput<typeof InboxAvailability>;

export const widgetEvents = {
  ...timelineEvents,
  "session:ready": v.object({
    ...readyFields,
    visitorToken: v.string(),
    /** Where replies are mailed that stay unread here, of a contact whom the site vouches for with an address. */
    email: v.optional(v.string()),
    /** Where this inbox sends new conversations, and whether anybody is there now. */
    inbox: v.optional(InboxAvailability),
  }),
  /** The waiting contact's place in the queue, 1 for the next. `estimatedWaitSeconds` is null when nothing is known yet. */
  "queue:changed": v.object({
    conversationId: v.string(),
    position: v.number(),
    estimatedWaitSeconds: v.nullable(v.number()),
  }),
  "inbox:changed": v.object({ inbox: InboxAvailability }),
};

export type WidgetCommands = typeof widgetCommands;
export type WidgetEvents = typeof widgetEvents;
