import type { Entry } from "../../server/contract/entities.ts";
import type { OutboxMessage } from "../../widget-sdk/core/state.ts";

const isEntry = (value: unknown): value is Entry =>
  typeof value === "object" && value !== null && "seq" in value && "author" in value && "kind" in value;

/**
 * What others said in public after the author of a held reply last looked: as the refusal tells it (`details.entries`) and
 * as it arrived meanwhile, each once, in order.
 */
export const missedReplies = (message: OutboxMessage, held: readonly Entry[], me: string): Entry[] => {
  const told = message.error?.details?.["entries"];
  const after = message.seenSeq ?? 0;
  const bySeq = new Map<number, Entry>();
  for (const entry of Array.isArray(told) ? told : []) if (isEntry(entry)) bySeq.set(entry.seq, entry);
  for (const entry of held) if (entry.seq > after) bySeq.set(entry.seq, entry);
  return [...bySeq.values()]
    .filter((entry) => entry.kind === "message" && !(entry.author.kind === "agent" && entry.author.id === me))
    .toSorted((a, b) => a.seq - b.seq);
};
