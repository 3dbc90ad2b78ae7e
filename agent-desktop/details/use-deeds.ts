import type { Conversation } from "../../server/contract/entities.ts";
import { useClient } from "../session/client-context.tsx";
import { act, useDoings } from "./actions.ts";

/** What can be done with a conversation, and whether something is being done right now. */
export const useDeeds = (conversation: Conversation) => {
  const client = useClient();
  const busy = useDoings((state) => state.busy.has(conversation.id));
  return {
    busy,
    take: () => act(client, conversation, { command: "conversation:assign" }, "take the conversation"),
    assign: (agentId: string, name: string) =>
      act(client, conversation, { command: "conversation:assign", agentId }, `assign ${name}`),
    unassign: () =>
      act(client, conversation, { command: "conversation:assign", agentId: null }, "put it back into the queue"),
    resolve: () => act(client, conversation, { command: "conversation:resolve" }, "resolve it"),
    reopen: () => act(client, conversation, { command: "conversation:reopen" }, "reopen it"),
  };
};
