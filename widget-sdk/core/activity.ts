import type { Entry, Reaction } from "../../server/contract/entities.ts";

type Change = Extract<NonNullable<Entry["activity"]>, { seq: number }>;

/** The activity that changes an earlier message, or undefined when this entry changes none. */
export const changeOf = (entry: Entry): Change | undefined => {
  const activity = entry.activity;
  return activity && "seq" in activity ? activity : undefined;
};

/** Who reacts again moves to the end of the list, as the server keeps it. */
const reacted = (reactions: Reaction[], emoji: string, by: Entry["author"], removed: boolean): Reaction[] => {
  const actor = { kind: by.kind, id: by.id ?? "" };
  const present = reactions.some((reaction) => reaction.emoji === emoji);
  const list = present || removed ? reactions : [...reactions, { emoji, actors: [] }];
  return list
    .map((reaction) => {
      if (reaction.emoji !== emoji) return reaction;
      const others = reaction.actors.filter(({ id }) => id !== actor.id);
      return { emoji, actors: removed ? others : [...others, actor] };
    })
    .filter(({ actors }) => actors.length > 0);
};

/** `message` as it stands after `entry`, an activity that names it. The same object when nothing changes. */
export const changeMessage = (message: Entry, entry: Entry): Entry => {
  const change = changeOf(entry);
  // A deleted message stays deleted: an edit learned late must not bring its text back.
  if (!change || message.kind !== "message" || message.deletedAt !== undefined) return message;
  switch (change.type) {
    case "message_edited":
      return { ...message, body: change.body, editedAt: change.editedAt };
    case "message_deleted": {
      const { body: _body, ...rest } = message;
      return { ...rest, deletedAt: change.deletedAt };
    }
    case "message_reacted": {
      const { reactions: before = [], ...rest } = message;
      const reactions = reacted(before, change.emoji, entry.author, change.removed);
      return reactions.length === 0 ? rest : { ...rest, reactions };
    }
  }
};

/** With a message's words go the words it was edited to: the server takes them out of its log as well. */
const redactEdits = (entries: Entry[], seq: number): void => {
  for (const [index, entry] of entries.entries()) {
    const { activity } = entry;
    if (activity?.type !== "message_edited" || activity.seq !== seq || activity.body === "") continue;
    entries[index] = { ...entry, activity: { ...activity, body: "" } };
  }
};

/** Applies `entry` to what it changes among `entries`, a list without gaps. In place: callers own the list. */
export const applyChange = (entries: Entry[], entry: Entry): void => {
  const change = changeOf(entry);
  const first = entries[0]?.seq;
  if (!change || first === undefined) return;
  const message = entries[change.seq - first];
  if (message) entries[change.seq - first] = changeMessage(message, entry);
  if (change.type === "message_deleted") redactEdits(entries, change.seq);
};
