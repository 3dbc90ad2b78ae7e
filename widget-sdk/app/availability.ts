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

/** Whether somebody is there to reply; also while that is not known. */
export const isAttended = (inbox: InboxAvailability | undefined): boolean =>
  inbox === undefined || (inbox.open && inbox.online);

/** Whether somebody replies now, as one line; nothing while it is not known. */
export const availabilityText = (inbox: InboxAvailability | undefined, now?: Date): string => {
  if (!inbox) return "Write to us";
  if (!inbox.open)
    return inbox.opensAt ? `Closed. We are back ${whenOpen(inbox.opensAt, now)}` : "Closed at the moment";
  return inbox.online ? "We are here for you" : "Nobody is here right now";
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

/** Where the reply comes. Only an address that the server knows is promised a mail. */
export const replyText = (address: string | undefined): string =>
  address === undefined ? "We'll reply here." : `We'll reply here and by e-mail to ${address}.`;

/**
 * Whose turn it is, and how long that may take; without a number nobody is promised one. Where nobody is there, no wait is
 * named, but where the reply comes. Nothing while neither is known.
 */
export const waitText = (
  place: QueuePlace | undefined,
  inbox: InboxAvailability | undefined,
  address?: string,
  now?: Date,
): string | undefined => {
  const turn = place && (place.position === 1 ? "You are next." : `You are number ${place.position} in the queue.`);
  if (!isAttended(inbox))
    return [turn, `${availabilityText(inbox, now)}.`, replyText(address)].filter(Boolean).join(" ");
  const wait = place?.estimatedWaitSeconds ?? null;
  return wait === null ? turn : `${turn} The wait is ${minutes(wait)}.`;
};
