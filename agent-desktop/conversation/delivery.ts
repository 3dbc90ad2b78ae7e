import type { Entry, Receipt } from "../../server/contract/entities.ts";

export type Delivery = "sent" | "delivered" | "read";

/**
 * How far a message got with those it is for: contacts for a reply, colleagues for a note. Without anybody's receipt it
 * is `sent`, which is as much as the ack says.
 */
export const deliveryOf = (entry: Entry, receipts: readonly Receipt[], me: string): Delivery => {
  const readers = receipts.filter(({ actor }) =>
    entry.audience === "public" ? actor.kind === "contact" : actor.kind === "agent" && actor.id !== me,
  );
  if (readers.some(({ readSeq }) => readSeq >= entry.seq)) return "read";
  return readers.some(({ deliveredSeq }) => deliveredSeq >= entry.seq) ? "delivered" : "sent";
};
