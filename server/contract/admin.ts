import * as v from "valibot";
import { agentCommands } from "./agent.ts";
import { route } from "./define.ts";
import { Audience, Conversation, Entry, Id, Status, text } from "./entities.ts";

/** Where every REST route hangs. */
export const apiPrefix = "/api/v1";

const queryNumber = (least: number, most: number) =>
  v.pipe(v.string(), v.regex(/^\d{1,15}$/u), v.transform(Number), v.minValue(least), v.maxValue(most));

const Credentials = v.strictObject({
  email: v.pipe(text(254), v.email()),
  // bcrypt reads 72 bytes and drops the rest, so a longer one is refused rather than half checked.
  password: v.pipe(text(72, 1), v.maxBytes(72)),
  tenant: v.optional(text(63, 1)),
});

const TenantChoice = v.object({ id: v.string(), name: v.string(), slug: v.string() });

/** What login and refresh answer; the refresh token travels beside it in an HttpOnly cookie. */
export const LoginData = v.object({
  user: v.object({ id: v.string(), name: v.string(), email: v.string() }),
  tenant: TenantChoice,
  tenants: v.array(TenantChoice),
  accessToken: v.string(),
  expiresIn: v.number(),
});
export type LoginData = v.InferOutput<typeof LoginData>;

const ConversationParams = v.strictObject({ conversationId: Id });
const one = v.object({ conversation: Conversation });

/** The body of a command's REST twin: its payload without the id that stands in the path. */
const bodyOf = <T extends keyof typeof agentCommands>(name: T) =>
  v.omit(agentCommands[name].payload as v.StrictObjectSchema<{ conversationId: typeof Id }, undefined>, [
    "conversationId",
  ]);

export const routes = {
  "auth/login": route({
    method: "POST",
    path: "/auth/login",
    auth: "none",
    body: Credentials,
    status: 200,
    response: LoginData,
    limit: "auth",
  }),
  "auth/refresh": route({
    method: "POST",
    path: "/auth/refresh",
    auth: "none",
    status: 200,
    response: LoginData,
    limit: "auth",
  }),
  "auth/logout": route({
    method: "POST",
    path: "/auth/logout",
    auth: "agent",
    status: 204,
    response: null,
    limit: "write",
  }),
  me: route({
    method: "GET",
    path: "/me",
    auth: "agent",
    status: 200,
    response: v.object({
      user: v.object({ id: v.string(), name: v.string(), email: v.string() }),
      tenant: TenantChoice,
      role: v.string(),
      permissions: v.array(v.string()),
    }),
    limit: "read",
  }),
  "conversation/list": route({
    method: "GET",
    path: "/conversations",
    auth: "agent",
    query: v.strictObject({
      view: v.optional(v.picklist(["mine", "queue", "all"])),
      status: v.optional(Status),
      departmentId: v.optional(Id),
      cursor: v.optional(text(200)),
      limit: v.optional(queryNumber(1, 100)),
    }),
    status: 200,
    response: v.object({ data: v.array(Conversation), nextCursor: v.nullable(v.string()) }),
    permission: "conversation.read",
    limit: "read",
  }),
  "conversation/get": route({
    method: "GET",
    path: "/conversations/:conversationId",
    auth: "agent",
    params: ConversationParams,
    status: 200,
    response: one,
    permission: "conversation.read",
    limit: "read",
  }),
  "conversation/history": route({
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
    response: v.object({ data: v.array(Entry), nextCursor: v.nullable(v.string()) }),
    permission: "conversation.read",
    limit: "read",
  }),
  "message/send": route({
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
  "conversation/resolve": route({
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

export type Routes = typeof routes;
