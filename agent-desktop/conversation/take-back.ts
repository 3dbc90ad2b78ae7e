import type { OutboxMessage } from "../../widget-sdk/core/state.ts";
import type { AgentClient } from "../session/agent-client.ts";
import { composeFor, startReplyingTo } from "./composing.ts";
import { getDraft, setDraft } from "./drafts.ts";

/** Puts what was not sent back into the composer, in front of what was written since, and takes it off the outbox. */
export const takeBack = (client: AgentClient, message: OutboxMessage): void => {
  const { conversationId, audience, body = "", replyToSeq } = message;
  const since = getDraft(conversationId, audience);
  setDraft(conversationId, audience, since.trim() === "" ? body : `${body}\n\n${since}`);
  if (replyToSeq === undefined) composeFor(audience);
  else startReplyingTo({ conversationId, audience, seq: replyToSeq });
  client.discard(message.clientId);
};
