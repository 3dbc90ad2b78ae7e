import { create } from "zustand";
import type { Conversation } from "../../server/contract/entities.ts";
import { ParleyError } from "../../widget-sdk/core/client.ts";
import type { AgentClient } from "../session/agent-client.ts";
import { tell } from "../shell/notices.ts";
import { useUi } from "../shell/ui-store.ts";

export type Deed =
  | { command: "conversation:assign"; agentId?: string | null }
  | { command: "conversation:resolve" }
  | { command: "conversation:reopen" };

/** A refused deed: what was wanted, and the conversation as it stood in the eyes of whoever wanted it. */
export type Conflict = { deed: Deed; wanted: string; before: Conversation; message: string };

type Doings = { busy: ReadonlySet<string>; conflict: Conflict | null };

export const useDoings = create<Doings>(() => ({ busy: new Set(), conflict: null }));

const setBusy = (id: string, busy: boolean) =>
  useDoings.setState((state) => {
    const next = new Set(state.busy);
    if (busy) next.add(id);
    else next.delete(id);
    return { busy: next };
  });

export const closeConflict = (): void => useDoings.setState({ conflict: null });

/** The other tab or a colleague may have changed it without our hearing: shows how it stands now. */
const refresh = async (client: AgentClient, conversationId: string) => {
  try {
    await client.open(conversationId);
  } catch {
    // The dialog shows what is known; the next action is told anew.
  }
};

/** What one takes leaves the queue: the list turns to where it stands now, beside the conversation that is open. */
const followTaken = (id: string) => {
  const { view, openId } = useUi.getState();
  if (view === "queue" && openId === id) useUi.setState({ view: "mine", status: null, cursorId: id });
};

/**
 * Changes a conversation's state, provided it still stands as `before`. A conflict opens the dialog that tells what
 * happened meanwhile; other refusals are told. `wanted` completes the sentence "Could not …".
 */
export const act = async (client: AgentClient, before: Conversation, deed: Deed, wanted: string): Promise<void> => {
  const { id, version } = before;
  if (useDoings.getState().busy.has(id)) return;
  setBusy(id, true);
  const about = { conversationId: id, expectedVersion: version };
  try {
    if (deed.command === "conversation:assign") {
      await client.request(deed.command, { ...about, ...(deed.agentId !== undefined && { agentId: deed.agentId }) });
      if (deed.agentId === undefined) followTaken(id);
    } else await client.request(deed.command, about);
  } catch (error) {
    const message = error instanceof Error ? error.message : "It did not work.";
    if (error instanceof ParleyError && error.code === "conflict") {
      await refresh(client, id);
      useDoings.setState({ conflict: { deed, wanted, before, message } });
    } else tell("error", `Could not ${wanted}: ${message}`);
  } finally {
    setBusy(id, false);
  }
};
