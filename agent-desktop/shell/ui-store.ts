import { create } from "zustand";
import type { Audience, Status } from "../../server/contract/entities.ts";
import { goTo, isInSettings, turnTo } from "../session/page.ts";
import type { View } from "../list/views.ts";

/** What the window shows: which list, which conversation, which pane where there is room for one only. */
export type Ui = {
  view: View;
  status: Status | null;
  filter: string;
  /** Narrows the queue to one department. */
  departmentId: string | null;
  /** The row the keys stand on; what is open is `openId`. */
  cursorId: string | null;
  openId: string | null;
  detailsShown: boolean;
  helpShown: boolean;
  audience: Audience;
  /** The page of the settings that is shown, by name. */
  section: string | null;
};

const hashPattern = /^#c=([0-9a-f-]{36})$/u;
const idInAddress = () => hashPattern.exec(location.hash)?.[1] ?? null;

export const useUi = create<Ui>(() => ({
  view: "mine",
  status: null,
  filter: "",
  departmentId: null,
  cursorId: null,
  openId: idInAddress(),
  detailsShown: false,
  helpShown: false,
  audience: "public",
  section: null,
}));

/** Opens a conversation, or none. It stands in the address, so that reload and the back button do what one expects. */
export const showConversation = (id: string | null): void => {
  if (id === useUi.getState().openId && !isInSettings()) return;
  useUi.setState({ openId: id, detailsShown: false, audience: "public", ...(id && { cursorId: id }) });
  turnTo(id ? `#c=${id}` : location.pathname + location.search);
};

/** The desktop as it is at the beginning, for whoever comes next. */
export const startOver = (): void => {
  goTo("", { replace: true });
  useUi.setState({ ...useUi.getInitialState(), openId: null }, true);
};

/** From the settings back to where one was. */
export const leaveSettings = (): void => {
  const { openId } = useUi.getState();
  turnTo(openId ? `#c=${openId}` : location.pathname + location.search);
};

/** Follows the back and forward buttons. Returns the undo. */
export const followAddress = (): (() => void) => {
  const follow = () => {
    // Behind the settings stays open what was open.
    if (!isInSettings()) useUi.setState({ openId: idInAddress(), detailsShown: false, audience: "public" });
  };
  window.addEventListener("popstate", follow);
  return () => window.removeEventListener("popstate", follow);
};
