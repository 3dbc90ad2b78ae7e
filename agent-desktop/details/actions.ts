import { create } from "zustand";
import type { Conversation } from "../../server/contract/entities.ts";
import { ParleyError } from "../../widget-sdk/core/client.ts";
import type { AgentClient } from "../session/agent-client.ts";
import { ask } from "../session/ask.ts";
import { RestError } from "../session/rest.ts";
import { tell } from "../shell/notices.ts";
import { useUi } from "../shell/ui-store.ts";

export type Deed =
  | { command: "conversation:assign"; agentId?: string | null; note?: string }
  | { command: "conversation:transfer"; agentId?: string; departmentId?: string; note?: string }
  | { command: "conversation:resolve" }
  | { command: "conversation:reopen" }
  | { route: "conversation/update"; priority?: number; ownerId?: string | null };

/** A refused deed: what was wanted, and the conversation as it stood in the eyes of whoever wanted it. */
export type Conflict = { deed: Deed; wanted: string; before: Conversation; message: string };

type Doings = { busy: ReadonlySet<string>; conflict: Conflict | null };

export const useDoings = create<Doings>(() => ({ busy: new Set(), conflict: null }));

/** Marks what is being done here: what comes of it is no news to whoever does it. */
export const setBusy = (id: string, busy: boolean): void =>
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
    // What is known stays on screen; the next action is told anew.
  }
};

/** What one takes leaves the queue: the list turns to where it stands now, beside the conversation that is open. */
const followTaken = (id: string) => {
  const { view, openId } = useUi.getState();
  if (view === "queue" && openId === id) useUi.setState({ view: "mine", status: null, cursorId: id });
};

/** By command, or by route where there is none. */
const carryOut = async (client: AgentClient, { id, version }: Conversation, deed: Deed) => {
  const expected = { expectedVersion: version };
  if ("command" in deed) {
    const { command, ...what } = deed;
    await client.request(command, { conversationId: id, ...expected, ...what });
    if (command === "conversation:assign" && deed.agentId === undefined) followTaken(id);
    return;
  }
  const { route, ...what } = deed;
  await ask(route, { params: { conversationId: id }, body: { ...expected, ...what } });
  // The answer of a route does not reach the client's state, and what comes next builds on the new version.
  if (useUi.getState().openId === id) await refresh(client, id);
};

const isConflict = (error: unknown) =>
  (error instanceof ParleyError || error instanceof RestError) && error.code === "conflict";

/**
 * Changes a conversation's state, provided it still stands as `before`. A conflict opens the dialog that tells what
 * happened meanwhile; other refusals are told. `wanted` completes the sentence "Could not …". Resolves with whether it was done.
 */
export const act = async (client: AgentClient, before: Conversation, deed: Deed, wanted: string): Promise<boolean> => {
  const { id } = before;
  if (useDoings.getState().busy.has(id)) return false;
  setBusy(id, true);
  let done = false;
  try {
    await carryOut(client, before, deed);
    done = true;
  } catch (error) {
    const message = error instanceof Error ? error.message : "It did not work.";
    if (isConflict(error)) {
      await refresh(client, id);
      useDoings.setState({ conflict: { deed, wanted, before, message } });
    } else tell("error", `Could not ${wanted}: ${message}`);
  } finally {
    setBusy(id, false);
  }
  return done;
};
