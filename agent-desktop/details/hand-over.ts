import { create } from "zustand";
import type { Conversation } from "../../server/contract/entities.ts";

/** What is about to be handed over, and to whom if that was said already: `agent:<id>` or `department:<id>`. */
export const useHandOver = create<{ conversation: Conversation | null; to: string | null }>(() => ({
  conversation: null,
  to: null,
}));

/** Opens the dialog, for a conversation that can still be handed over. */
export const handOver = (conversation: Conversation | undefined, to: string | null = null): void => {
  if (!conversation || conversation.status === "resolved" || conversation.status === "archived") return;
  useHandOver.setState({ conversation, to });
};

export const closeHandOver = (): void => useHandOver.setState({ conversation: null, to: null });
