import type { Actor, Audience, Conversation, Entry } from "../../server/contract/entities.ts";
import type { ErrorBody } from "../../server/contract/errors.ts";

/** Names one timeline: `<conversationId>/<audience>`. */
export type TimelineKey = `${string}/${Audience}`;
export const keyOf = (conversationId: string, audience: Audience): TimelineKey => `${conversationId}/${audience}`;

/** One message a client meant to send, and what became of it. */
export type Sent = {
  conversationId: string;
  audience: Audience;
  clientId: string;
  body: string;
  /** How often it went out; more than once after a lost connection, a lost ack or a retryable refusal. */
  attempts: number;
  ack?: { id: string; seq: number };
  refusal?: ErrorBody;
};

/** Everything one virtual client saw, sent and was promised. */
export type Recording = {
  client: string;
  tenantId: string;
  actor: Actor;
  sent: Sent[];
  /** Per timeline, the `seq`s in the order in which the client showed them to its person. */
  shown: Map<TimelineKey, number[]>;
  /** Per timeline, what the client shows now, edits and deletions applied. */
  view: Map<TimelineKey, Map<number, Entry>>;
  /** What the client knows of each conversation it follows: the newest version it was told. */
  conversations: Map<string, Conversation>;
  /** Every uuid that came over the wire, inside texts too. */
  ids: Set<string>;
  /** Every uuid the client itself put into a command: hearing it again tells it nothing. */
  uttered: Set<string>;
  /** What was wrong at the very moment it happened, such as a sync that left out a number. */
  remarks: string[];
};

export const newRecording = (client: string, tenantId: string): Recording => ({
  client,
  tenantId,
  actor: { kind: "contact", id: "" },
  sent: [],
  shown: new Map(),
  view: new Map(),
  conversations: new Map(),
  ids: new Set(),
  uttered: new Set(),
  remarks: [],
});

const uuids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/giu;

/** Collects the uuids of a payload: whose they are is looked up at the end. */
export const noteIds = (ids: Set<string>, value: unknown): void => {
  if (typeof value === "string") {
    if (value.length >= 36) for (const [id] of value.matchAll(uuids)) ids.add(id.toLowerCase());
  } else if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) noteIds(ids, inner);
  }
};

/** Takes in a conversation as it was told, unless something newer is known. */
export const learn = ({ conversations }: Recording, conversation: Conversation): void => {
  const known = conversations.get(conversation.id);
  if (!known || known.version <= conversation.version) conversations.set(conversation.id, conversation);
};

/**
 * Shows an entry, and applies to the message it names what an activity says about it: the client half of
 * "live equals reload".
 */
export const show = (recording: Recording, entry: Entry): void => {
  const key = keyOf(entry.conversationId, entry.audience);
  let shown = recording.shown.get(key);
  let view = recording.view.get(key);
  if (!shown || !view) {
    recording.shown.set(key, (shown = []));
    recording.view.set(key, (view = new Map()));
  }
  shown.push(entry.seq);
  // A copy: the same entry may be handed to several clients of one process, and each applies changes to its own.
  view.set(entry.seq, structuredClone(entry));
  const activity = entry.activity;
  if (!activity || !("seq" in activity)) return;
  const about = view.get(activity.seq);
  if (!about) return;
  // What is fetched later than the change arrives changed already: applying it twice must not matter.
  if (activity.type === "message_edited" && !about.deletedAt) {
    if (!about.editedAt || about.editedAt <= activity.editedAt) {
      about.body = activity.body;
      about.editedAt = activity.editedAt;
    }
  } else if (activity.type === "message_deleted") {
    delete about.body;
    about.deletedAt = activity.deletedAt;
    // The words of a deleted message do not live on in the activities that once changed them.
    for (const { activity: earlier } of view.values()) {
      if (earlier?.type === "message_edited" && earlier.seq === about.seq) earlier.body = "";
    }
  } else if (activity.type === "message_reacted" && entry.author.id !== undefined) {
    react(about, activity.emoji, { kind: entry.author.kind, id: entry.author.id }, activity.removed);
  }
};

const react = (
  message: Entry,
  emoji: string,
  actor: { kind: Entry["author"]["kind"]; id: string },
  removed: boolean,
): void => {
  const reactions = structuredClone(message.reactions ?? []);
  const one = reactions.find((reaction) => reaction.emoji === emoji) ?? { emoji, actors: [] };
  if (!reactions.includes(one)) reactions.push(one);
  one.actors = one.actors.filter((other) => other.id !== actor.id);
  if (!removed) one.actors.push(actor);
  const left = reactions.filter((reaction) => reaction.actors.length > 0);
  if (left.length > 0) message.reactions = left;
  else delete message.reactions;
};
