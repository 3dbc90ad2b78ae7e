import type { AgentCommands } from "../../contract/agent.ts";
import type { conversationRoutes } from "../../contract/conversation-routes.ts";
import type { PayloadOf } from "../../contract/define.ts";
import { limits } from "../../contract/entities.ts";
import { assignConversation } from "../../features/conversation/assign.ts";
import { getConversation } from "../../features/conversation/get.ts";
import { historyOfConversation } from "../../features/conversation/history.ts";
import { listConversations } from "../../features/conversation/list.ts";
import { reopenConversation } from "../../features/conversation/reopen.ts";
import { resolveConversation } from "../../features/conversation/resolve.ts";
import { transferConversation } from "../../features/conversation/transfer.ts";
import { updateConversation } from "../../features/conversation/update.ts";
import { sendMessage } from "../../features/message/send.ts";
import type { HandlersOf } from "../guard.ts";

/** A route's path and body together are the payload of the command it is the twin of; the guard has checked both. */
const payload = <T extends keyof AgentCommands>(_twin: T, { params, body }: { params: object; body: object }) =>
  ({ ...params, ...body }) as PayloadOf<AgentCommands[T]>;

const fromTheEnd = limits.lastSeq;

export const conversationHandlers: HandlersOf<typeof conversationRoutes> = {
  "conversation/list": async ({ ctx, query }) => {
    const { conversations, nextCursor } = await listConversations(ctx, query);
    return { data: conversations, nextCursor };
  },
  "conversation/get": ({ ctx, params }) => getConversation(ctx, params),
  "conversation/update": ({ ctx, params, body }) => updateConversation(ctx, { ...params, ...body }),
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
  "conversation/transfer": ({ ctx, ...call }) => transferConversation(ctx, payload("conversation:transfer", call)),
  "conversation/resolve": ({ ctx, ...call }) => resolveConversation(ctx, payload("conversation:resolve", call)),
  "conversation/reopen": ({ ctx, ...call }) => reopenConversation(ctx, payload("conversation:reopen", call)),
};
