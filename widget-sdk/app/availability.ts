import type { InboxAvailability } from "../../server/contract/widget.ts";
import type { QueuePlace } from "../core/state.ts";
import { dayOf, timeOf } from "./time.ts";

const dayMs = 86_400_000;
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" });

/** `at 09:00` today, else with the day, in the visitor's own zone. */
export const whenOpen = (opensAt: string, now: Date = new Date()): string => {
  const time = timeOf(opensAt);
  const days = Math.round((dayOf(opensAt) - dayOf(now.toISOString())) / dayMs);
  if (days <= 0) return `at ${time}`;
  if (days === 1) return `tomorrow at ${time}`;
  return `on ${(days < 7 ? weekday : date).format(new Date(opensAt))} at ${time}`;
};

/** Whether somebody answers now, as one line; nothing while it is not known. */
export const availabilityText = (inbox: InboxAvailability | undefined, now?: Date): string => {
  if (!inbox) return "Write to us";
  if (!inbox.open)
    return inbox.opensAt ? `Closed. We are back ${whenOpen(inbox.opensAt, now)}` : "Closed at the moment";
  return inbox.online ? "We are here for you" : "Nobody is here right now, but we will answer";
};

/** True where a new conversation is a message for later. */
export const takesMessages = (inbox: InboxAvailability | undefined): boolean =>
  inbox !== undefined && !inbox.open && inbox.offlineBehaviour === "form";

const minutes = (seconds: number) => {
  if (seconds < 60) return "less than a minute";
  const whole = Math.ceil(seconds / 60);
  if (whole === 1) return "about a minute";
  return whole < 90 ? `about ${whole} minutes` : `about ${Math.round(whole / 60)} hours`;
};

/** Whose turn it is, and how long that may take; without a number nobody is promised one. */
export const placeText = ({ position, estimatedWaitSeconds }: QueuePlace): string => {
  const place = position === 1 ? "You are next" : `You are number ${position} in the queue`;
  return estimatedWaitSeconds === null ? `${place}.` : `${place}. The wait is ${minutes(estimatedWaitSeconds)}.`;
};
