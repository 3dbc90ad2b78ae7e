import type { Conversation, Entry, Receipt } from "../../server/contract/entities.ts";
import { shortWhen } from "../list/when.ts";

/**
 * Whose reading says something: the contact's, that of who holds the conversation, and of whoever has read in it. To all
 * others it was only delivered: nobody asked them to read it. The viewer knows their own.
 */
export const readersOf = <R extends Pick<Receipt, "actor" | "readSeq">>(
  receipts: readonly R[],
  { assigneeId }: Pick<Conversation, "assigneeId">,
  me: string,
): R[] =>
  receipts.filter(
    ({ actor, readSeq }) => actor.id !== me && (actor.kind === "contact" || actor.id === assigneeId || readSeq > 0),
  );

/**
 * How far somebody has read, in words at `now` (ms); `all` when nothing is left for them. What they said themselves needs
 * no reading. `entries`: the timeline as far as it is loaded.
 */
export const receiptText = (
  { actor, readSeq }: Pick<Receipt, "actor" | "readSeq">,
  entries: readonly Entry[],
  now: number,
  locale?: string,
): { text: string; all: boolean } => {
  const messages = entries.filter(({ kind }) => kind === "message");
  const left = messages.some(
    ({ author, seq }) => seq > readSeq && !(author.kind === actor.kind && author.id === actor.id),
  );
  if (!left) return { text: "everything", all: true };
  const last = messages.findLast(({ seq }) => seq <= readSeq);
  if (last) return { text: `up to ${shortWhen(last.createdAt, now, locale)}`, all: false };
  return { text: readSeq > 0 ? "only what is older" : "nothing yet", all: false };
};
