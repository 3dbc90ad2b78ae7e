import type { Node } from "../context.ts";
import type { Routes } from "../contract/admin.ts";
import type { AgentCommands } from "../contract/agent.ts";
import type { PayloadOf } from "../contract/define.ts";
import { createFailedLogins } from "../features/auth/failed-logins.ts";
import { logIn } from "../features/auth/login.ts";
import { logOut } from "../features/auth/logout.ts";
import { refreshSession } from "../features/auth/refresh.ts";
import { createRefreshTokens } from "../features/auth/refresh-token.ts";
import type { AuthParts } from "../features/auth/session.ts";
import { assignConversation } from "../features/conversation/assign.ts";
import { getConversation } from "../features/conversation/get.ts";
import { historyOfConversation } from "../features/conversation/history.ts";
import { listConversations } from "../features/conversation/list.ts";
import { reopenConversation } from "../features/conversation/reopen.ts";
import { resolveConversation } from "../features/conversation/resolve.ts";
import { getMe } from "../features/me/get.ts";
import { sendMessage } from "../features/message/send.ts";
import type { RouteHandler } from "./guard.ts";
import { clearRefreshCookie, readRefreshCookie, setRefreshCookie } from "./refresh-cookie.ts";

/** A declared route without a handler, or a handler that answers something else, does not compile. */
type Handlers = { [K in keyof Routes]: RouteHandler<Routes[K]> };

/** A route's path and body together are the payload of the command it is the twin of; the guard has checked both. */
const payload = <T extends keyof AgentCommands>(_twin: T, { params, body }: { params: object; body: object }) =>
  ({ ...params, ...body }) as PayloadOf<AgentCommands[T]>;

// Past the end of every timeline.
const fromTheEnd = 2_147_483_647;

/** The table of contents of the REST layer. */
export const createHandlers = (node: Node): Handlers => {
  const { config } = node;
  const auth: AuthParts = {
    node,
    refreshTokens: createRefreshTokens(config),
    failedLogins: createFailedLogins(node),
  };
  return {
    "auth/login": async ({ koa, body, visit }) => {
      const { data, refreshToken } = await logIn(auth, body, visit);
      setRefreshCookie(koa, config, refreshToken);
      return data;
    },
    "auth/refresh": async ({ koa, visit }) => {
      const { data, refreshToken } = await refreshSession(auth, readRefreshCookie(koa), visit);
      setRefreshCookie(koa, config, refreshToken);
      return data;
    },
    "auth/logout": async ({ koa, ctx }) => {
      await logOut(ctx);
      // Another login of the same browser may have put its own cookie there.
      const held = readRefreshCookie(koa);
      if (held?.includes(ctx.actor.sessionId)) clearRefreshCookie(koa, config);
    },
    me: ({ ctx }) => getMe(ctx),
    "conversation/list": async ({ ctx, query }) => {
      const { conversations, nextCursor } = await listConversations(ctx, query);
      return { data: conversations, nextCursor };
    },
    "conversation/get": ({ ctx, params }) => getConversation(ctx, params),
    "conversation/history": async ({ ctx, params, query }) => {
      const { audience = "public", limit } = query;
      const beforeSeq = Math.min(query.beforeSeq ?? fromTheEnd, fromTheEnd);
      const { entries } = await historyOfConversation(ctx, { ...params, audience, beforeSeq, limit });
      const oldest = entries[0]?.seq ?? 1;
      // The next page's `beforeSeq`.
      return { data: entries, nextCursor: oldest > 1 ? String(oldest) : null };
    },
    "message/send": ({ ctx, ...call }) => sendMessage(ctx, payload("message:send", call)),
    "conversation/assign": ({ ctx, ...call }) => assignConversation(ctx, payload("conversation:assign", call)),
    "conversation/resolve": ({ ctx, ...call }) => resolveConversation(ctx, payload("conversation:resolve", call)),
    "conversation/reopen": ({ ctx, ...call }) => reopenConversation(ctx, payload("conversation:reopen", call)),
  };
};
