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
import { transferConversation } from "../features/conversation/transfer.ts";
import { acceptOffer } from "../features/offer/accept.ts";
import { declineOffer } from "../features/offer/decline.ts";
import { deleteMessage } from "../features/message/delete.ts";
import { editMessage } from "../features/message/edit.ts";
import { reactToMessage } from "../features/message/react.ts";
import { sendMessage } from "../features/message/send.ts";
import { setPresence } from "../features/presence/set.ts";
import { recordReceipt } from "../features/receipt/record.ts";
import { setTyping } from "../features/typing/set.ts";
import { renewSession } from "./agent-session.ts";
import { appear, showPresence } from "./appear.ts";

/** A declared command without a handler, or a handler that answers something else, does not compile. */
type Table<C extends Record<string, CommandSpec>, X extends Ctx> = {
  [K in keyof C]: (ctx: X, payload: PayloadOf<C[K]>, socket: Socket) => DataOf<C[K]> | Promise<DataOf<C[K]>>;
};

const joins = (socket: Socket) => (rooms: string[]) => void socket.join(rooms);
const follows = (socket: Socket) => (room: string) => socket.rooms.has(room);

const open = async (ctx: Ctx, payload: PayloadOf<WidgetCommands["conversation:open"]>, socket: Socket) => {
  const opened = await openConversation(ctx, payload, joins(socket));
  const { contact, assigneeId } = opened.conversation;
  const counterpart = ctx.actor.kind === "agent" ? contact?.id : assigneeId;
  if (counterpart !== undefined) void showPresence(socket, ctx, [counterpart]).catch(() => {});
  return opened;
};

const start = async (ctx: ContactCtx, payload: PayloadOf<WidgetCommands["conversation:start"]>, socket: Socket) => {
  const started = await startConversation(ctx, payload, joins(socket));
  void appear(socket, ctx);
  return started;
};

const shared = {
  "conversation:open": open,
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
  "conversation:start": start,
};

export const agentHandlers: Table<AgentCommands, AgentCtx> = {
  ...shared,
  "conversation:assign": assignConversation,
  "conversation:transfer": transferConversation,
  "conversation:reopen": reopenConversation,
  "offer:accept": acceptOffer,
  "offer:decline": declineOffer,
  "availability:set": setAvailability,
  "presence:set": (ctx, payload, socket) => setPresence(ctx, payload, socket),
  "session:renew": (ctx, payload, socket) => renewSession(ctx, payload, socket),
};
