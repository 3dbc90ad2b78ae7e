import type { Socket } from "socket.io";
import type { AgentCtx, ContactCtx, Ctx } from "../context.ts";
import type { CommandSpec, DataOf, PayloadOf } from "../contract/define.ts";
import type { AgentCommands } from "../contract/agent.ts";
import type { WidgetCommands } from "../contract/widget.ts";
import { setAvailability } from "../features/availability/set.ts";
import { assignConversation } from "../features/conversation/assign.ts";
import { historyOfConversation } from "../features/conversation/history.ts";
import { listConversations } from "../features/conversation/list.ts";
import { openConversation } from "../features/conversation/open.ts";
import { reopenConversation } from "../features/conversation/reopen.ts";
import { resolveConversation } from "../features/conversation/resolve.ts";
import { startConversation } from "../features/conversation/start.ts";
import { syncConversations } from "../features/conversation/sync.ts";
import { deleteMessage } from "../features/message/delete.ts";
import { editMessage } from "../features/message/edit.ts";
import { reactToMessage } from "../features/message/react.ts";
import { sendMessage } from "../features/message/send.ts";
import { recordReceipt } from "../features/receipt/record.ts";
import { setTyping } from "../features/typing/set.ts";
import { renewSession } from "./agent-session.ts";

/** A declared command without a handler, or a handler that answers something else, does not compile. */
type Table<C extends Record<string, CommandSpec>, X extends Ctx> = {
  [K in keyof C]: (ctx: X, payload: PayloadOf<C[K]>, socket: Socket) => DataOf<C[K]> | Promise<DataOf<C[K]>>;
};

const joins = (socket: Socket) => (rooms: string[]) => void socket.join(rooms);
const follows = (socket: Socket) => (room: string) => socket.rooms.has(room);

const shared = {
  "conversation:open": (ctx: Ctx, payload: PayloadOf<WidgetCommands["conversation:open"]>, socket: Socket) =>
    openConversation(ctx, payload, joins(socket)),
  "conversation:sync": (ctx: Ctx, payload: PayloadOf<WidgetCommands["conversation:sync"]>) =>
    syncConversations(ctx, payload),
  "conversation:history": historyOfConversation,
  "conversation:list": listConversations,
  "typing:set": (ctx: Ctx, payload: PayloadOf<WidgetCommands["typing:set"]>, socket: Socket) =>
    setTyping(ctx, payload, follows(socket)),
  "receipt:record": recordReceipt,
  "message:send": sendMessage,
  "message:edit": editMessage,
  "message:delete": deleteMessage,
  "message:react": reactToMessage,
  "conversation:resolve": resolveConversation,
};

export const widgetHandlers: Table<WidgetCommands, ContactCtx> = {
  ...shared,
  "conversation:start": (ctx, payload, socket) => startConversation(ctx, payload, joins(socket)),
};

export const agentHandlers: Table<AgentCommands, AgentCtx> = {
  ...shared,
  "conversation:assign": assignConversation,
  "conversation:reopen": reopenConversation,
  "availability:set": setAvailability,
  "session:renew": (ctx, payload, socket) => renewSession(ctx, payload, socket),
};
