import type { Audience, Author, Conversation, Entry } from "../../../server/contract/entities.ts";

/**
 * An entry as it was learned. `asOf` is the head of its timeline at that moment: changes up to there were made to it
 * already, later ones have to be made by whoever holds it.
 */
export type Known = { entry: Entry; asOf: number };
export type Log = Map<number, Known>;

const inOrder = (log: Log): Known[] => [...log.values()].toSorted((a, b) => a.entry.seq - b.entry.seq);

const react = (entry: Entry, emoji: string, actor: Author, removed: boolean): Entry => {
  const { reactions = [], ...rest } = entry;
  const others = reactions.map((one) =>
    one.emoji === emoji ? { emoji, actors: one.actors.filter(({ id }) => id !== actor.id) } : one,
  );
  const list = others.some((one) => one.emoji === emoji) ? others : [...others, { emoji, actors: [] }];
  const next = list
    .map((one) =>
      one.emoji === emoji && !removed ? { emoji, actors: [...one.actors, { kind: actor.kind, id: actor.id! }] } : one,
    )
    .filter(({ actors }) => actors.length > 0);
  return next.length > 0 ? { ...rest, reactions: next } : rest;
};

/** `entry` after the change that `change` tells of; the same one where it tells of no change to it. */
export const changed = (entry: Entry, { activity, author }: Entry): Entry => {
  if (!activity || !("seq" in activity)) return entry;
  if (entry.kind === "activity") {
    // Deleted words don't live on in the activities that once changed them.
    const blanked =
      activity.type === "message_deleted" &&
      entry.activity?.type === "message_edited" &&
      entry.activity.seq === activity.seq;
    return blanked ? { ...entry, activity: { ...entry.activity!, body: "" } as Entry["activity"] & object } : entry;
  }
  if (entry.seq !== activity.seq) return entry;
  if (activity.type === "message_edited") return { ...entry, body: activity.body, editedAt: activity.editedAt };
  if (activity.type === "message_reacted") return react(entry, activity.emoji, author, activity.removed);
  const { body: _body, ...rest } = entry;
  return { ...rest, deletedAt: activity.deletedAt };
};

/** A timeline with every change made that its own entries tell of. */
export const applied = (log: Log): Map<number, Entry> => {
  const known = inOrder(log);
  const changes = known.map(({ entry }) => entry).filter(({ kind }) => kind === "activity");
  return new Map(
    known.map(({ entry, asOf }) => [entry.seq, changes.filter(({ seq }) => seq > asOf).reduce<Entry>(changed, entry)]),
  );
};

/**
 * A conversation brought up to what its timelines say beyond the heads it was told with: what the server keeps with every
 * message and tells with none. `unread` is not among it.
 */
export const broughtUp = (told: Conversation, logs: Record<Audience, Log>): Conversation => {
  let { waitingSince, firstResponseAt, lastEntry, updatedAt } = told;
  const { waitingSince: _w, firstResponseAt: _f, ...rest } = told;
  const current = { ...rest };
  for (const audience of ["public", "internal"] as const) {
    const head = audience === "public" ? told.publicSeq : (told.internalSeq ?? 0);
    for (const { entry } of inOrder(logs[audience]).filter(({ entry: { seq } }) => seq > head)) {
      if (audience === "public") current.publicSeq = entry.seq;
      else current.internalSeq = entry.seq;
      if (entry.createdAt > updatedAt) updatedAt = entry.createdAt;
      if (audience === "internal") continue;
      if (lastEntry) lastEntry = changed(lastEntry, entry);
      if (entry.kind !== "message") continue;
      lastEntry = applied(logs.public).get(entry.seq);
      if (entry.author.kind === "contact") waitingSince ??= entry.createdAt;
      if (entry.author.kind === "agent") {
        waitingSince = undefined;
        firstResponseAt ??= entry.createdAt;
      }
    }
  }
  return {
    ...current,
    updatedAt,
    ...(lastEntry && { lastEntry }),
    ...(waitingSince !== undefined && { waitingSince }),
    ...(firstResponseAt !== undefined && { firstResponseAt }),
  };
};
