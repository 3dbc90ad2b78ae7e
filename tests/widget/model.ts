import fc from "fast-check";
import type { Activity, Actor, Conversation, Entry, Reaction } from "../../server/contract/entities.ts";
import type { Ready } from "../../widget-sdk/core/wire.ts";

export const me: Actor = { kind: "contact", id: "c1", name: "Ada" };
export const agent: Actor = { kind: "agent", id: "a1", name: "Sam" };
export const conversationId = "k1";

/** One thing that is appended to a timeline. `about` picks an earlier message. */
export type Write =
  | { type: "message"; by: "me" | "agent" }
  | { type: "edit"; about: number }
  | { type: "delete"; about: number }
  | { type: "react"; about: number; by: "me" | "agent"; emoji: string; removed: boolean }
  | { type: "resolved" };

const by = fc.constantFrom("me" as const, "agent" as const);
export const write: fc.Arbitrary<Write> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant("message" as const), by }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("edit" as const), about: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("delete" as const), about: fc.nat(30) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("react" as const),
      about: fc.nat(30),
      by,
      emoji: fc.constantFrom("👍", "🎉"),
      removed: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: "resolved" as const }) },
);

const time = (seq: number) => new Date(Date.UTC(2026, 0, 1) + seq * 1000).toISOString();

/** The other side, written apart from the client: a log, and the messages as they stand after all of it. */
export class ServerTimeline {
  readonly log: Entry[] = [];
  readonly #messages = new Map<number, Entry>();
  /** Deleted messages, whose words are gone from the edits in the log as well. */
  readonly #redacted = new Set<number>();

  get headSeq(): number {
    return this.log.length;
  }

  append(what: Write): Entry | undefined {
    const seq = this.log.length + 1;
    const author = "by" in what && what.by === "me" ? me : agent;
    const base = { id: `e${seq}`, conversationId, audience: "public" as const, seq, author, createdAt: time(seq) };
    if (what.type === "message") {
      const clientId = what.by === "me" ? { clientId: `mine-${seq}` } : {};
      const entry: Entry = { ...base, kind: "message", body: `text ${seq}`, ...clientId };
      this.#messages.set(seq, entry);
      this.log.push({ ...entry });
      return entry;
    }
    const activity = what.type === "resolved" ? ({ type: "resolved" } as const) : this.#change(what, seq, author);
    if (!activity) return undefined;
    const entry: Entry = { ...base, kind: "activity", activity };
    this.log.push(entry);
    return entry;
  }

  /** Entries from..to as a fetch answers them now. */
  fetch(from: number, to = this.headSeq): Entry[] {
    return this.log.slice(Math.max(0, from - 1), to).map((entry) => {
      const { activity } = entry;
      if (activity?.type !== "message_edited" || !this.#redacted.has(activity.seq)) {
        return this.#messages.get(entry.seq) ?? entry;
      }
      return { ...entry, activity: { ...activity, body: "" } };
    });
  }

  unreadAfter(readSeq: number): number {
    const of = [...this.#messages.values()];
    return of.filter((entry) => entry.seq > readSeq && entry.author.kind === "agent" && !entry.deletedAt).length;
  }

  conversation(readSeq: number): Conversation {
    const { headSeq } = this;
    return {
      id: conversationId,
      kind: "support",
      status: "open",
      priority: 0,
      tags: [],
      version: 1,
      publicSeq: headSeq,
      unread: this.unreadAfter(readSeq),
      createdAt: time(0),
      updatedAt: time(headSeq),
    };
  }

  #change(what: Extract<Write, { about: number }>, seq: number, author: Actor): Activity | undefined {
    const seqs = [...this.#messages.keys()];
    const about = seqs[what.about % Math.max(1, seqs.length)];
    const message = about === undefined ? undefined : this.#messages.get(about);
    if (about === undefined || !message || message.deletedAt) return undefined;
    if (what.type === "edit") {
      const edited = { body: `edited by ${seq}`, editedAt: time(seq) };
      this.#messages.set(about, { ...message, ...edited });
      return { type: "message_edited", seq: about, ...edited };
    }
    if (what.type === "delete") {
      const { body: _body, ...rest } = message;
      this.#messages.set(about, { ...rest, deletedAt: time(seq) });
      this.#redacted.add(about);
      return { type: "message_deleted", seq: about, deletedAt: time(seq) };
    }
    const pairs = (message.reactions ?? []).flatMap(({ emoji, actors }) => actors.map((actor) => ({ emoji, actor })));
    const left = pairs.filter(({ emoji, actor }) => emoji !== what.emoji || actor.id !== author.id);
    if (what.removed === (left.length === pairs.length)) return undefined;
    if (!what.removed) left.push({ emoji: what.emoji, actor: { kind: author.kind, id: author.id } });
    const reactions: Reaction[] = [];
    for (const { emoji, actor } of left) {
      const held = reactions.find((reaction) => reaction.emoji === emoji);
      if (held) held.actors.push(actor);
      else reactions.push({ emoji, actors: [actor] });
    }
    const { reactions: _reactions, ...rest } = message;
    this.#messages.set(about, reactions.length > 0 ? { ...rest, reactions } : rest);
    return { type: "message_reacted", seq: about, emoji: what.emoji, removed: what.removed };
  }
}

/** Entries with reactions in one order: a reaction taken back and given again may stand elsewhere in its list. */
export const normal = (entries: Entry[]) =>
  entries.map((entry) => ({
    ...entry,
    ...(entry.reactions && {
      reactions: entry.reactions.flatMap(({ emoji, actors }) => actors.map(({ id }) => `${emoji} ${id}`)).toSorted(),
    }),
  }));

export const ready = (headSeq?: number): Ready => ({
  contractLevel: 1,
  serverTime: time(0),
  tenant: { id: "t1", name: "Acme" },
  actor: me,
  unread: 0,
  cursors: headSeq === undefined ? [] : [{ conversationId, publicSeq: headSeq }],
});
