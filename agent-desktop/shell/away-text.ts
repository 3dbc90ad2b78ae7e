import type { Availability } from "../../server/contract/entities.ts";

/** What to tell somebody whose availability the server changed; null where nothing needs saying. */
export const awayText = (availability: Availability, reason: string | undefined): string | null => {
  if (availability !== "away" || reason === undefined) return null;
  return /miss/u.test(reason)
    ? "You were set to away, because several offers went unanswered. You get no new conversations."
    : "You were set to away. You get no new conversations.";
};
