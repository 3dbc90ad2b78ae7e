import { create } from "zustand";

/** What a notice offers to do about what it says. */
export type NoticeAction = { label: string; run: () => void };
export type Notice = { id: number; kind: "error" | "info" | "success"; text: string; action?: NoticeAction };

let last = 0;
export const useNotices = create<{ notices: Notice[] }>(() => ({ notices: [] }));

export const dismissNotice = (id: number): void =>
  useNotices.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }));

/** Tells the person something at the edge of the screen; the same text twice in a row is told once. */
export const tell = (kind: Notice["kind"], text: string, action?: NoticeAction): void => {
  last += 1;
  const notice = { id: last, kind, text, ...(action && { action }) };
  useNotices.setState(({ notices }) => ({
    notices: [...notices.filter((other) => other.text !== text), notice].slice(-4),
  }));
};
