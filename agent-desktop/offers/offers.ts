import type { Offer } from "../../server/contract/agent.ts";
import type { Conversation } from "../../server/contract/entities.ts";

/** One offer has one key, also when the same conversation is offered again later. */
export const offerKey = ({ conversation, offeredAt }: Offer): string => `${conversation.id}:${offeredAt}`;

/** Whole seconds until an offer lapses, at `now` (server time in milliseconds). */
export const secondsLeft = ({ expiresAt }: Offer, now: number): number =>
  Math.max(0, Math.ceil((Date.parse(expiresAt) - now) / 1000));

/** The share of its time that an offer still has, 1 to 0. */
export const shareLeft = ({ offeredAt, expiresAt }: Offer, now: number): number => {
  const whole = Date.parse(expiresAt) - Date.parse(offeredAt);
  return whole > 0 ? Math.min(1, Math.max(0, (Date.parse(expiresAt) - now) / whole)) : 0;
};

/**
 * The offers that can still be answered, the most urgent first. What somebody else has by now, has lapsed or was answered
 * here is left out even before the server says so.
 */
export const openOffers = (
  offers: Record<string, Offer>,
  known: Record<string, Conversation>,
  answered: ReadonlySet<string>,
  now: number,
): Offer[] =>
  Object.values(offers)
    .filter((offer) => {
      const { id } = offer.conversation;
      const status = known[id]?.status ?? offer.conversation.status;
      return status === "queued" && !answered.has(offerKey(offer)) && secondsLeft(offer, now) > 0;
    })
    .toSorted((a, b) => Date.parse(a.expiresAt) - Date.parse(b.expiresAt));
