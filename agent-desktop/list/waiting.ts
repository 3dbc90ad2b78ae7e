const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How long ago `since` (ISO) was, in the largest two units that matter: `now`, `7 min`, `2 h 5 min`, `3 d`. */
export const waitingText = (since: string, now: number): string => {
  const passed = Math.max(0, now - Date.parse(since));
  if (passed < minute) return "now";
  if (passed < hour) return `${Math.floor(passed / minute)} min`;
  if (passed >= day) return `${Math.floor(passed / day)} d`;
  const minutes = Math.floor((passed % hour) / minute);
  return `${Math.floor(passed / hour)} h${minutes > 0 ? ` ${minutes} min` : ""}`;
};

/** How long after the beginning (ISO) the first reply (ISO) came. */
export const repliedText = (createdAt: string, repliedAt: string): string => {
  const text = waitingText(createdAt, Date.parse(repliedAt));
  return text === "now" ? "within a minute" : `after ${text}`;
};

export type Urgency = "calm" | "warm" | "hot";

/** How loud a wait is shown: from 5 minutes on it warms, from 15 it glows. */
export const urgencyOf = (since: string, now: number): Urgency => {
  const passed = now - Date.parse(since);
  if (passed >= 15 * minute) return "hot";
  return passed >= 5 * minute ? "warm" : "calm";
};
