import { create } from "zustand";
import type { Audience, Status } from "../../server/contract/entities.ts";
import type { View } from "../list/views.ts";

/** What the window shows: which list, which conversation, which pane where there is room for one only. */
export type Ui = {
  view: View;
  status: Status | null;
  filter: string;
  /** The row the keys stand on; what is open is `openId`. */
  cursorId: string | null;
  openId: string | null;
  detailsShown: boolean;
  helpShown: boolean;
  audience: Audience;
};

const hashPattern = /^#c=([0-9a-f-]{36})$/u;
const idInAddress = () => hashPattern.exec(location.hash)?.[1] ?? null;

export const useUi = create<Ui>(() => ({
  view: "mine",
  status: null,
  filter: "",
  cursorId: null,
  openId: idInAddress(),
  detailsShown: false,
  helpShown: false,
  audience: "public",
}));

/** Opens a conversation, or none. It stands in the address, so that reload and the back button do what one expects. */
export const showConversation = (id: string | null): void => {
  if (id === useUi.getState().openId) return;
  useUi.setState({ openId: id, detailsShown: false, audience: "public", ...(id && { cursorId: id }) });
  const address = id ? `#c=${id}` : location.pathname + location.search;
  history.pushState(null, "", address);
};

/** Follows the back and forward buttons. Returns the undo. */
export const followAddress = (): (() => void) => {
  const follow = () => useUi.setState({ openId: idInAddress(), detailsShown: false, audience: "public" });
  window.addEventListener("popstate", follow);
  return () => window.removeEventListener("popstate", follow);
};
