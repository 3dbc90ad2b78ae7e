import { createContext, useContext } from "react";
import type { Audience, Conversation, Entry, Receipt } from "../../server/contract/entities.ts";
import type { NameOf } from "./activity-text.ts";

/** What every row of the open conversation needs to know about where it stands. */
export type Scene = {
  conversation: Conversation;
  me: string;
  nameOf: NameOf;
  receipts: Record<Audience, Receipt[]>;
  find: (audience: Audience, seq: number) => Entry | undefined;
  jumpTo: (audience: Audience, seq: number) => void;
};

const SceneContext = createContext<Scene | null>(null);

export const SceneProvider = SceneContext.Provider;

export const useScene = (): Scene => {
  const scene = useContext(SceneContext);
  if (!scene) throw new Error("useScene outside of a conversation");
  return scene;
};
