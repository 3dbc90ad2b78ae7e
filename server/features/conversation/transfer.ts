import type { AgentCtx } from "../../context.ts";
import { Refusal } from "../../contract/errors.ts";
import { handOver } from "./hand-over.ts";

type Payload = {
  conversationId: string;
  agentId?: string | undefined;
  departmentId?: string | undefined;
  note?: string | undefined;
  expectedVersion?: number | undefined;
};

/**
 * Hands a conversation to another agent, into another department's queue, or to an agent on behalf of another department;
 * everybody in it is told. Throws `invalid_payload` where neither is named, else as `handOver`.
 */
export const transferConversation = async (ctx: AgentCtx, { agentId, ...payload }: Payload) => {
  if (agentId === undefined && payload.departmentId === undefined)
    throw new Refusal("invalid_payload", "Name the agent or the department it goes to.");
  return handOver(ctx, { action: "conversation.transfer", ...payload, agentId: agentId ?? null });
};
