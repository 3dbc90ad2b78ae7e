import type { Conversation } from "../../server/contract/entities.ts";
import { priorityText } from "../list/priority.ts";
import { contactName } from "../list/names.ts";
import type { AgentClient } from "../session/agent-client.ts";
import { useClient } from "../session/client-context.tsx";
import { tell } from "../shell/notices.ts";
import { act, useDoings } from "./actions.ts";

export type HandOverTarget = { kind: "agent" | "department"; id: string; name: string };

const reopen = (client: AgentClient, conversation: Conversation) =>
  act(client, conversation, { command: "conversation:reopen" }, "reopen it");

/** Resolves at a touch, since it can be taken back for a moment. */
const resolve = async (client: AgentClient, conversation: Conversation): Promise<boolean> => {
  const done = await act(client, conversation, { command: "conversation:resolve" }, "resolve it");
  if (done)
    tell("success", `Resolved ${contactName(conversation)}`, {
      label: "Undo",
      // As it stands by then: the version has moved on.
      run: () => void reopen(client, client.getState().conversations[conversation.id] ?? conversation),
    });
  return done;
};

/** What can be done with a conversation, and whether something is being done right now. */
export const useDeeds = (conversation: Conversation) => {
  const client = useClient();
  const busy = useDoings((state) => state.busy.has(conversation.id));
  return {
    busy,
    take: () => act(client, conversation, { command: "conversation:assign" }, "take the conversation"),
    assign: (agentId: string, name: string) =>
      act(client, conversation, { command: "conversation:assign", agentId }, `assign ${name}`),
    handOver: (to: HandOverTarget, note: string) => {
      const said = note.trim();
      const noted = said ? { note: said } : {};
      const wanted = `hand it over to ${to.name}`;
      if (to.kind === "department")
        return act(client, conversation, { command: "conversation:transfer", departmentId: to.id, ...noted }, wanted);
      // What nobody holds is assigned; only what somebody holds can be handed over.
      const command = conversation.assigneeId ? "conversation:transfer" : "conversation:assign";
      return act(client, conversation, { command, agentId: to.id, ...noted }, wanted);
    },
    unassign: () =>
      act(client, conversation, { command: "conversation:assign", agentId: null }, "put it back into the queue"),
    resolve: () => resolve(client, conversation),
    setPriority: (priority: number) =>
      act(
        client,
        conversation,
        { route: "conversation/update", priority },
        `set its priority to ${priorityText(priority)}`,
      ),
    setOwner: (owner: { id: string; name: string } | null) =>
      act(
        client,
        conversation,
        { route: "conversation/update", ownerId: owner?.id ?? null },
        owner ? `make ${owner.name} the contact's owner` : "leave the contact without an owner",
      ),
    reopen: () => reopen(client, conversation),
  };
};
