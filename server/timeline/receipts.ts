import { placesByDatabase, type Tenancy } from "../../db/tenancy.ts";
import type { Audience } from "../contract/entities.ts";
import { type Committed, createGroupCommit } from "./group-commit.ts";

/** A participant's device saying how far it holds and how far it was read. */
export type ReceiptMove = {
  tenantId: string;
  conversationId: string;
  audience: Audience;
  actor: { kind: "contact" | "agent"; id: string };
  seesAll: boolean;
  deliveredSeq?: number | undefined;
  readSeq?: number | undefined;
};

/** `found` is false where the actor can't see the conversation; `moved` says whether a cursor went forward. */
export type ReceiptMoved = { found: boolean; moved: boolean; deliveredSeq: number; readSeq: number };
export type Receipts = { record: (move: ReceiptMove) => Promise<ReceiptMoved>; idle: () => Promise<void> };

type Answer = [
  n: number,
  found: boolean,
  deliveredSeq: number | null,
  readSeq: number | null,
  moved: boolean,
  locked: boolean | null,
][];

/** Receipts are as frequent as messages, so they are committed in groups as well: one round trip a batch. */
export const createReceipts = (tenancy: Tenancy): Receipts => {
  const commit = async (moves: ReceiptMove[]): Promise<Committed<ReceiptMoved>> => {
    const results = Array.from<ReceiptMoved>({ length: moves.length });
    const passedOver: number[] = [];
    for (const [database, places] of placesByDatabase(tenancy, moves)) {
      const batch = places.map((n) => {
        const m = moves[n]!;
        return {
          n,
          t: m.tenantId,
          c: m.conversationId,
          a: m.audience,
          k: m.actor.kind,
          u: m.actor.id,
          x: m.seesAll,
          d: m.deliveredSeq,
          r: m.readSeq,
        };
      });
      const tenants = [...new Set(batch.map(({ t }) => t))];
      const [answer] = await database.call<{ r: Answer }>(
        "receipts",
        "receipts",
        "SELECT record_receipts($1, $2) AS r",
        [JSON.stringify(batch), `{${tenants.join(",")}}`],
      );
      for (const [n, found, deliveredSeq, readSeq, moved, locked] of answer!.r)
        if (locked) passedOver.push(n);
        else results[n] = { found, moved, deliveredSeq: deliveredSeq ?? 0, readSeq: readSeq ?? 0 };
    }
    return { passedOver, tell: () => results };
  };
  const keyOf = (move: ReceiptMove) => `${move.tenantId}:${move.conversationId}:${move.actor.id}`;
  const group = createGroupCommit({ commit, keyOf, mostRows: 500 });
  return { record: group.submit, idle: group.idle };
};
