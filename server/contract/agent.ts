import * as v from "valibot";
import { command } from "./define.ts";
import { Audience, Availability, Body, Id, Presence, Seq, Timestamp, text } from "./entities.ts";
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
    payload: v.strictObject({ view: v.optional(v.picklist(["mine", "queue", "all"])), ...listFields }),
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
  /** Without `agentId` the caller takes it; `agentId: null` puts it back into the queue. */
  "conversation:assign": command({
    payload: v.strictObject({
      conversationId: Id,
      agentId: v.optional(v.nullable(Id)),
      note: v.optional(text(2000, 1)),
      expectedVersion: v.optional(Seq),
    }),
    data: ConversationData,
    permission: "conversation.assign",
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
  "session:renew": command({
    payload: v.strictObject({ accessToken: v.pipe(v.string(), v.minLength(1), v.maxLength(4000)) }),
    data: v.object({ expiresAt: Timestamp }),
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

export const agentEvents = {
  ...timelineEvents,
  "session:ready": v.object({
    ...readyFields,
    permissions: v.array(v.string()),
    availability: Availability,
    colleagues: v.array(Colleague),
    departments: v.array(v.object({ id: v.string(), name: v.string() })),
    expiresAt: v.string(),
  }),
  "conversation:assigned": timelineEvents["conversation:updated"],
  "session:expiring": v.object({ expiresAt: v.string() }),
};

export type AgentCommands = typeof agentCommands;
export type AgentEvents = typeof agentEvents;
