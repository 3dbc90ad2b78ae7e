import type { AgentCtx } from "../../context.ts";
import { handOver } from "./hand-over.ts";

type Payload = {
  conversationId: string;
  agentId?: string | null | undefined;
  departmentId?: string | undefined;
  note?: string | undefined;
  expectedVersion?: number | undefined;
};

/**
 * Takes a conversation, gives it to a colleague, or with `agentId: null` puts it back into the queue; with a `departmentId`
 * alone it goes into that department's. Of any number of agents who take the same conversation at once exactly one succeeds;
 * the others get `conflict` and the present holder.
 */
export const assignConversation = (ctx: AgentCtx, { agentId, ...payload }: Payload) => {
  const inQueue = payload.departmentId === undefined ? ctx.actor.id : null;
  return handOver(ctx, {
    action: "conversation.assign",
    ...payload,
    agentId: agentId === undefined ? inQueue : agentId,
  });
};
