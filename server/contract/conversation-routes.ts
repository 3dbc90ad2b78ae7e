import * as v from "valibot";
import { agentCommands } from "./agent.ts";
import { route } from "./define.ts";
import { Audience, Conversation, Entry, Id, Seq, Status, text } from "./entities.ts";
import { pageOf, pageQuery, queryNumber } from "./rest.ts";

const ConversationParams = v.strictObject({ conversationId: Id });
const one = v.object({ conversation: Conversation });
/**
 * `owner`: who looks after its contact, for agents to read; null: nobody, or nobody from outside takes part. `contactEmail`: the
 * address the contact gave, or the site vouched for if the contact is verified.
 */
const withOwner = v.object({
  ...one.entries,
  owner: v.nullable(v.object({ id: v.string(), name: v.string() })),
  contactEmail: v.nullable(v.string()),
});

/** The body of a command's REST twin: its payload without the id that stands in the path. */
const bodyOf = <T extends keyof typeof agentCommands>(name: T) =>
  v.omit(agentCommands[name].payload as v.StrictObjectSchema<{ conversationId: typeof Id }, undefined>, [
    "conversationId",
  ]);

/** Conversations over REST: the same actions as the sockets'. */
export const conversationRoutes = {
  "conversation/list": route({
    summary:
      "List conversations; `search` looks at the contact's name and address, subject, tags, agent and last message. A page of a search may hold few, and go on",
    method: "GET",
    path: "/conversations",
    auth: "agent",
    query: v.strictObject({
      view: v.optional(v.picklist(["mine", "queue", "all"])),
      status: v.optional(Status),
      departmentId: v.optional(Id),
      search: v.optional(text(100, 1)),
      ...pageQuery,
    }),
    status: 200,
    response: pageOf(Conversation),
    permission: "conversation.read",
    limit: "read",
  }),
  "conversation/get": route({
    summary: "Read a conversation",
    method: "GET",
    path: "/conversations/:conversationId",
    auth: "agent",
    params: ConversationParams,
    status: 200,
    response: withOwner,
    permission: "conversation.read",
    limit: "read",
  }),
  "conversation/update": route({
    summary: "Say how urgent a conversation is, and who looks after its contact",
    example: { body: { priority: 2, ownerId: "0192f0c1-7a55-7c3e-9b1d-2f4c6a8e0b12" } },
    method: "PATCH",
    path: "/conversations/:conversationId",
    auth: "agent",
    params: ConversationParams,
    body: v.strictObject({
      /** 0 is ordinary; what is higher is served first. */
      priority: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(10))),
      ownerId: v.optional(v.nullable(Id)),
      expectedVersion: v.optional(Seq),
    }),
    status: 200,
    response: withOwner,
    errors: ["conflict", "read_only"],
    permission: "conversation.assign",
    limit: "write",
  }),
  "conversation/history": route({
    summary: "Read the entries of one of its timelines, the newest first",
    method: "GET",
    path: "/conversations/:conversationId/entries",
    auth: "agent",
    params: ConversationParams,
    query: v.strictObject({
      audience: v.optional(Audience),
      beforeSeq: v.optional(queryNumber(0, Number.MAX_SAFE_INTEGER)),
      limit: v.optional(queryNumber(1, 100)),
    }),
    status: 200,
    response: pageOf(Entry),
    permission: "conversation.read",
    limit: "read",
  }),
  "message/send": route({
    summary: "Reply, or write an internal note",
    example: { body: { clientId: "d2f7-1", body: "Hello! How can I help?" } },
    method: "POST",
    path: "/conversations/:conversationId/messages",
    auth: "agent",
    params: ConversationParams,
    body: bodyOf("message:send"),
    status: 201,
    response: v.object({ entry: Entry, headSeq: v.number() }),
    permission: "message.send",
    limit: "message",
  }),
  "conversation/assign": route({
    summary: "Take, assign or put back a conversation",
    example: { body: { note: "This one is yours, you know them." } },
    method: "POST",
    path: "/conversations/:conversationId/assign",
    auth: "agent",
    params: ConversationParams,
    body: bodyOf("conversation:assign"),
    status: 200,
    response: one,
    permission: "conversation.assign",
    limit: "write",
  }),
  "conversation/transfer": route({
    summary: "Hand a conversation over to another agent or department",
    example: {
      body: { departmentId: "0192f0c1-7a55-7c3e-9b1d-2f4c6a8e0b12", note: "They ask about an order." },
    },
    method: "POST",
    path: "/conversations/:conversationId/transfer",
    auth: "agent",
    params: ConversationParams,
    body: bodyOf("conversation:transfer"),
    status: 200,
    response: one,
    permission: "conversation.transfer",
    limit: "write",
  }),
  "conversation/resolve": route({
    summary: "Resolve a conversation",
    example: { body: {} },
    method: "POST",
    path: "/conversations/:conversationId/resolve",
    auth: "agent",
    params: ConversationParams,
    body: bodyOf("conversation:resolve"),
    status: 200,
    response: one,
    permission: "conversation.resolve",
    limit: "write",
  }),
  "conversation/reopen": route({
    summary: "Reopen a resolved conversation",
    example: { body: {} },
    method: "POST",
    path: "/conversations/:conversationId/reopen",
    auth: "agent",
    params: ConversationParams,
    body: bodyOf("conversation:reopen"),
    status: 200,
    response: one,
    permission: "conversation.reopen",
    limit: "write",
  }),
};
