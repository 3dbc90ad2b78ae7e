import type { Audience, Conversation, Entry } from "../../server/contract/entities.ts";
import type { OutboxMessage } from "../../widget-sdk/core/state.ts";

export const me = "0199a000-0000-7000-8000-000000000001";
export const ben = "0199a000-0000-7000-8000-000000000002";
export const lena = "0199a000-0000-7000-8000-00000000000c";
export const conversationId = "0199a000-0000-7000-8000-0000000000aa";

export const names: Record<string, string> = { [me]: "Ada", [ben]: "Ben" };
export const viewer = { me, nameOf: (id: string) => names[id] };

export const noon = Date.parse("2026-11-20T12:00:00.000Z");
const minute = 60_000;

/** The ISO time `minutes` after noon. */
export const at = (minutes: number): string => new Date(noon + minutes * minute).toISOString();

export const byContact = { kind: "contact", id: lena } as const;
export const byAgent = (id: string) => ({ kind: "agent", id, name: names[id] ?? "Somebody" }) as const;

/** A message of the public timeline by the contact, unless told otherwise. */
export const message = (seq: number, minutes: number, change: Partial<Entry> = {}): Entry => ({
  id: `${change.audience ?? "public"}-${seq}`,
  conversationId,
  audience: "public",
  seq,
  kind: "message",
  author: byContact,
  body: `${change.audience ?? "public"} ${seq}`,
  createdAt: at(minutes),
  ...change,
});

export const note = (seq: number, minutes: number, change: Partial<Entry> = {}): Entry =>
  message(seq, minutes, { audience: "internal", author: byAgent(ben), ...change });

export const activity = (
  seq: number,
  minutes: number,
  what: NonNullable<Entry["activity"]>,
  author?: Entry["author"],
): Entry => {
  const { body: _body, ...entry } = message(seq, minutes, {
    kind: "activity",
    activity: what,
    author: author ?? byAgent(ben),
  });
  return entry;
};

export const pending = (clientId: string, minutes: number, change: Partial<OutboxMessage> = {}): OutboxMessage => ({
  kind: "send",
  clientId,
  conversationId,
  audience: "public" satisfies Audience,
  body: clientId,
  state: "sending",
  createdAt: at(minutes),
  ...change,
});

let last = 0;

/** A conversation in the queue, unless told otherwise; each with an id of its own, in rising order. */
export const conversation = (change: Partial<Conversation> = {}): Conversation => {
  last += 1;
  return {
    id: `0199a000-0000-7000-8000-${String(last).padStart(12, "0")}`,
    kind: "support",
    status: "queued",
    contact: { id: lena, name: "Lena", verified: false },
    priority: 0,
    tags: [],
    version: 1,
    publicSeq: 1,
    unread: 0,
    createdAt: at(0),
    updatedAt: at(0),
    ...change,
  };
};
