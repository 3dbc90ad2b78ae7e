import * as v from "valibot";
import { command } from "./define.ts";
import { Audience, Availability, Body, Conversation, Id, Presence, Seq, text, Timestamp, words } from "./entities.ts";
import { offerStatuses } from "./routing.ts";
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

/** What a desktop shows at the handshake. */
export const AgentAuth = v.object({ accessToken: v.pipe(v.string(), v.minLength(1), v.maxLength(4000)) });
export type AgentAuth = v.InferInput<typeof AgentAuth>;

const read = { permission: "conversation.read" } as const;
const answer = { permission: "message.send" } as const;

export const agentCommands = {
  "conversation:open": { ...timelineCommands["conversation:open"], ...read },
  "conversation:sync": { ...timelineCommands["conversation:sync"], ...read },
  "conversation:history": { ...timelineCommands["conversation:history"], ...read },
  "receipt:record": { ...timelineCommands["receipt:record"], ...read },
  "typing:set": { ...timelineCommands["typing:set"], ...answer },
  "conversation:list": command({
    payload: v.strictObject({
      view: v.optional(v.picklist(["mine", "queue", "all"])),
      search: v.optional(text(100, 1)),
      ...listFields,
    }),
    data: ConversationPage,
    limit: "read",
    ...read,
  }),
  "message:send": command({
    payload: v.strictObject({ ...sendFields, audience: v.optional(Audience), seenSeq: v.optional(Seq) }),
    data: SentData,
    limit: "message",
    ...answer,
  }),
  "message:edit": command({
    payload: v.strictObject({ ...aboutMessage, body: Body }),
    data: EntryData,
    limit: "write",
    ...answer,
  }),
  "message:delete": command({ payload: v.strictObject(aboutMessage), data: EntryData, limit: "write", ...answer }),
  "message:react": command({
    payload: v.strictObject({ ...aboutMessage, emoji: Emoji, remove: v.optional(v.boolean()) }),
    data: EntryData,
    limit: "write",
    ...answer,
  }),
  /**
   * Without `agentId` the caller takes it; `agentId: null` puts it back into the queue; with a `departmentId` alone it goes
   * into that department's queue.
   */
  "conversation:assign": command({
    payload: v.strictObject({
      conversationId: Id,
      agentId: v.optional(v.nullable(Id)),
      departmentId: v.optional(Id),
      note: v.optional(words(2000)),
      expectedVersion: v.optional(Seq),
    }),
    data: ConversationData,
    permission: "conversation.assign",
    limit: "write",
  }),
  /** Hands a conversation to another agent, or to a department's queue: one of the two is named. */
  "conversation:transfer": command({
    payload: v.strictObject({
      conversationId: Id,
      agentId: v.optional(Id),
      departmentId: v.optional(Id),
      note: v.optional(words(2000)),
      expectedVersion: v.optional(Seq),
    }),
    data: ConversationData,
    permission: "conversation.transfer",
    limit: "write",
  }),
  "offer:accept": command({
    payload: v.strictObject({ conversationId: Id }),
    data: ConversationData,
    permission: "offer.answer",
    limit: "write",
  }),
  "offer:decline": command({
    payload: v.strictObject({ conversationId: Id, reason: v.optional(words(500)) }),
    data: ConversationData,
    permission: "offer.answer",
    limit: "write",
  }),
  "conversation:resolve": command({
    payload: v.strictObject({ conversationId: Id, expectedVersion: v.optional(Seq) }),
    data: ConversationData,
    permission: "conversation.resolve",
    limit: "write",
  }),
  "conversation:reopen": command({
    payload: v.strictObject({ conversationId: Id, expectedVersion: v.optional(Seq) }),
    data: ConversationData,
    permission: "conversation.reopen",
    limit: "write",
  }),
  "availability:set": command({
    payload: v.strictObject({ availability: Availability }),
    data: v.object({ availability: Availability, presence: Presence }),
    permission: "availability.set",
    limit: "write",
  }),
  /** Whether the person at this device is at work or has not touched it for a while. */
  "presence:set": command({
    payload: v.strictObject({ presence: v.picklist(["online", "idle"]) }),
    data: v.object({ presence: Presence }),
    limit: "signal",
  }),
  "session:renew": command({
    payload: v.strictObject({ accessToken: v.pipe(v.string(), v.minLength(1), v.maxLength(4000)) }),
    data: v.object({ expiresAt: Timestamp }),
    grantsAccess: true,
    limit: "write",
  }),
};

/** A colleague as the desktop needs one: to assign to, and to see whether they are there. */
export const Colleague = v.object({
  id: v.string(),
  name: v.string(),
  presence: Presence,
  availability: Availability,
});
export type Colleague = v.InferOutput<typeof Colleague>;

/** A conversation held out to an agent until `expiresAt`. */
export const Offer = v.object({ conversation: Conversation, offeredAt: v.string(), expiresAt: v.string() });
export type Offer = v.InferOutput<typeof Offer>;

export const agentEvents = {
  ...timelineEvents,
  "session:ready": v.object({
    ...readyFields,
    permissions: v.array(v.string()),
    availability: Availability,
    colleagues: v.array(Colleague),
    departments: v.array(v.object({ id: v.string(), name: v.string() })),
    /** Conversations held out to this agent right now. */
    offers: v.array(Offer),
    /** Who really sits there, where it is one of Parley's staff, and whether they may only look. */
    via: v.optional(v.object({ kind: v.picklist(["platform", "api_key"]), id: v.string(), name: v.string() })),
    readOnly: v.optional(v.boolean()),
    expiresAt: v.string(),
  }),
  "conversation:assigned": timelineEvents["conversation:updated"],
  "conversation:offered": Offer,
  /** It went where this agent may not see it: it is in none of their lists any more. */
  "conversation:removed": v.object({ conversationId: v.string() }),
  /** The offer is over: taken back, missed, or answered on another device. */
  "offer:ended": v.object({ conversationId: v.string(), status: v.picklist(offerStatuses) }),
  /** One's own availability changed by something else than this socket. */
  "availability:changed": v.object({ availability: Availability, reason: v.optional(v.string()) }),
  "session:expiring": v.object({ expiresAt: v.string() }),
};

export type AgentCommands = typeof agentCommands;
export type AgentEvents = typeof agentEvents;
