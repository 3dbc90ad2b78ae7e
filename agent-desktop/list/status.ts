import type { Status } from "../../server/contract/entities.ts";

/** How a status is named on screen and which dot stands beside it. */
export const statusLooks: Record<Status, { name: string; dot: string }> = {
  queued: { name: "Queued", dot: "#d97706" },
  open: { name: "Open", dot: "#0f8f7f" },
  pending: { name: "Pending", dot: "#6d7fd6" },
  snoozed: { name: "Snoozed", dot: "#9a7bd1" },
  resolved: { name: "Resolved", dot: "#7d8a88" },
  archived: { name: "Archived", dot: "#a5adab" },
};
