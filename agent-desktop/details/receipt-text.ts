import type { Entry, Receipt } from "../../server/contract/entities.ts";
import { shortWhen } from "../list/when.ts";

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
