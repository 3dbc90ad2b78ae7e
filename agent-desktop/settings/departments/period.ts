import { replayLimits } from "../../../server/contract/assignment-routes.ts";
import { dayBounds } from "../audit/words.ts";

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;
const longest = replayLimits.days * dayMs;

export const periodChoices = [
  { value: "1", label: "The last day" },
  { value: "7", label: "The last 7 days" },
  { value: "30", label: "The last 30 days" },
  { value: "dates", label: "From one day to another" },
] as const;

/** What the fields hold: a number of days until now, or two days as date fields say them, both included. */
export type ChosenPeriod = { last: (typeof periodChoices)[number]["value"]; from: string; to: string };

export type Period = { from: string; to: string };

/** The moments a period begins and ends, or the sentence that says why it is none. `now` in ms. */
export const periodOf = ({ last, from, to }: ChosenPeriod, now: number): Period | { problem: string } => {
  if (last !== "dates")
    return { from: new Date(now - Number(last) * dayMs).toISOString(), to: new Date(now).toISOString() };
  const bounds = dayBounds(from, to);
  if (!bounds.from || !bounds.to) return { problem: "Choose the first and the last day" };
  const length = Date.parse(bounds.to) - Date.parse(bounds.from);
  if (length <= 0) return { problem: "The last day comes before the first" };
  // A month in which the clock is put back has an hour more: its last is left out.
  if (length > longest + hourMs) return { problem: `At most ${replayLimits.days} days can be tried at once` };
  return { from: bounds.from, to: new Date(Date.parse(bounds.from) + Math.min(length, longest)).toISOString() };
};
