import * as v from "valibot";
import { emailProblem, isEmail } from "./email-address.ts";
import { isBlank } from "./text.ts";

/** Raised when a change could break a client written against an earlier level. */
export const contractLevel = 1;

/** The sizes the wire promises. */
export const limits = {
  bodyCharacters: 10_000,
  listItems: 100,
  /** The last number a timeline can hand out. */
  lastSeq: 2_147_483_647,
  syncCursors: 200,
  syncEntries: 500,
  /** Of all timelines of one sync together. */
  syncEntriesInAll: 2_000,
  /** What is read for one answer, as JSON; whoever wants more asks again from where it ended. */
  answerBytes: 262_144,
  frameBytes: 65_536,
} as const;

// Postgres refuses NUL in text, and a lone surrogate has no UTF-8 form: both are refused here, not at the database.
export const isStorable = (text: string) => !text.includes("\0") && text.isWellFormed();

/** Counts code points only where code units do not settle it. */
const hasAtMost = (characters: number) => (text: string) =>
  text.length <= characters || (text.length <= characters * 2 && Array.from(text).length <= characters);

/** Text a person wrote: well-formed, no NUL, at most `characters` code points. */
export const text = (characters: number, least = 0) =>
  v.pipe(
    v.string(),
    v.minLength(least),
    v.check(hasAtMost(characters), `must have at most ${characters} characters`),
    v.check(isStorable, "must not hold NUL or half of a character"),
  );

/** Text that says something: `text` that shows at least one character. */
export const words = (characters: number) =>
  v.pipe(
    text(characters, 1),
    v.check((said) => !isBlank(said), "must hold something visible"),
  );

/**
 * Text by which something is found again, such as the name of a skill: `words` in one composition, so that it is the same from
 * every keyboard, and without white space around it.
 */
export const label = (characters: number) => v.pipe(words(characters), v.normalize("NFC"), v.trim());

/** Somebody's e-mail address, by the one rule that the pages ask as well. */
export const Email = v.pipe(text(254), v.normalize("NFC"), v.check(isEmail, emailProblem));

/** Uuids are compared as text in rooms and maps, so they have one spelling. */
export const Id = v.pipe(v.string(), v.uuid(), v.toLowerCase());
export const ClientId = text(100, 1);
/** A place in a timeline. What lies beyond the last there can ever be is taken as that one. */
export const Seq = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(0),
  v.maxValue(Number.MAX_SAFE_INTEGER),
  v.toMaxValue(limits.lastSeq),
);
export const Body = words(limits.bodyCharacters);
export const Limit = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(limits.listItems));

// `Date` takes the 31st of February for the 3rd of March.
const isDay = (day: string) => {
  const moment = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(day);
};

// Beyond these years a moment has another spelling, which the database does not read.
const [earliest, latest] = [Date.parse("0001-01-01T00:00:00Z"), Date.parse("9999-12-31T23:59:59.999Z")];
/** Whether the database knows the moment that is so many milliseconds away from 1970. */
export const isStorableMoment = (milliseconds: number): boolean => milliseconds >= earliest && milliseconds <= latest;

/** A moment that exists, in the form of ISO 8601. What lies beyond those the database reads is taken as the first or last of them. */
export const Timestamp = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.check(
    (value) => isDay(value.slice(0, 10)) && !Number.isNaN(Date.parse(value)),
    "must be a moment, such as 2026-11-21T09:30:00Z",
  ),
  v.transform((value) => {
    const moment = Date.parse(value);
    return isStorableMoment(moment) ? value : new Date(moment < earliest ? earliest : latest).toISOString();
  }),
);

export const Audience = v.picklist(["public", "internal"]);
export type Audience = v.InferOutput<typeof Audience>;

export const conversationKinds = ["support", "team", "community", "platform_support"] as const;
export const statuses = ["queued", "open", "pending", "snoozed", "resolved", "archived"] as const;
export const Status = v.picklist(statuses);
export type Status = v.InferOutput<typeof Status>;

export const presences = ["online", "idle", "offline"] as const;
export const availabilities = ["available", "away"] as const;
export const Availability = v.picklist(availabilities);
export type Availability = v.InferOutput<typeof Availability>;
export const Presence = v.picklist(presences);
export type Presence = v.InferOutput<typeof Presence>;

export const Actor = v.object({
  kind: v.picklist(["contact", "agent", "platform"]),
  id: v.string(),
  name: v.optional(v.string()),
});
export type Actor = v.InferOutput<typeof Actor>;

export const authorKinds = ["contact", "agent", "bot", "system", "platform"] as const;
export const Author = v.object({
  kind: v.picklist(authorKinds),
  id: v.optional(v.string()),
  name: v.optional(v.string()),
});
export type Author = v.InferOutput<typeof Author>;

/**
 * What an `activity` entry says. `message_…` name the `seq` they change in the same timeline, so that whoever holds the
 * message applies the change and whoever fetches it later finds it applied. A deletion takes the `body` of the message and
 * empties that of every `message_edited` that names it; everything else of the message stays.
 */
export const Activity = v.variant("type", [
  v.object({
    type: v.literal("assigned"),
    agentId: v.string(),
    agentName: v.optional(v.string()),
    previousAgentId: v.optional(v.string()),
  }),
  v.object({ type: v.literal("unassigned"), previousAgentId: v.optional(v.string()) }),
  v.object({
    type: v.literal("transferred"),
    departmentId: v.optional(v.string()),
    departmentName: v.optional(v.string()),
    agentId: v.optional(v.string()),
    agentName: v.optional(v.string()),
    previousDepartmentId: v.optional(v.string()),
    previousAgentId: v.optional(v.string()),
    /** What brought it about where nobody did: the department was closed, or nobody answered in time. */
    reason: v.optional(v.picklist(["fallback"])),
  }),
  /** Back in the queue because its agent is gone. Why was told by the first release only. */
  v.object({
    type: v.literal("requeued"),
    reason: v.optional(v.picklist(["agent_absent", "agent_deactivated"])),
    previousAgentId: v.optional(v.string()),
    previousAgentName: v.optional(v.string()),
  }),
  v.object({
    type: v.literal("offer_declined"),
    agentId: v.string(),
    agentName: v.optional(v.string()),
    reason: v.optional(v.string()),
  }),
  v.object({ type: v.literal("offer_missed"), agentId: v.string(), agentName: v.optional(v.string()) }),
  v.object({ type: v.literal("resolved") }),
  v.object({ type: v.literal("reopened") }),
  v.object({ type: v.literal("message_edited"), seq: v.number(), body: v.string(), editedAt: v.string() }),
  v.object({ type: v.literal("message_deleted"), seq: v.number(), deletedAt: v.string() }),
  v.object({ type: v.literal("message_reacted"), seq: v.number(), emoji: v.string(), removed: v.boolean() }),
]);
export type Activity = v.InferOutput<typeof Activity>;

/** One emoji on a message and who put it there. */
export const Reaction = v.object({
  emoji: v.string(),
  actors: v.array(v.object({ kind: v.picklist(authorKinds), id: v.string() })),
});
export type Reaction = v.InferOutput<typeof Reaction>;

/** One numbered line of a timeline. `body` is absent once deleted. */
export const Entry = v.object({
  id: v.string(),
  conversationId: v.string(),
  audience: Audience,
  seq: v.number(),
  kind: v.picklist(["message", "activity"]),
  author: Author,
  clientId: v.optional(v.string()),
  body: v.optional(v.string()),
  activity: v.optional(Activity),
  replyToSeq: v.optional(v.number()),
  reactions: v.optional(v.array(Reaction)),
  editedAt: v.optional(v.string()),
  deletedAt: v.optional(v.string()),
  createdAt: v.string(),
});
export type Entry = v.InferOutput<typeof Entry>;

/** A participant's cursor in one timeline: what a device of theirs holds and what they have read. */
export const Receipt = v.object({
  audience: Audience,
  actor: v.object({ kind: v.picklist(authorKinds), id: v.string() }),
  deliveredSeq: v.number(),
  readSeq: v.number(),
});
export type Receipt = v.InferOutput<typeof Receipt>;

/**
 * A conversation as its viewer may see it: contacts get no `internalSeq` and no `tags`.
 * `unread` counts messages by others past the viewer's read cursors; past 99 it says 100.
 */
export const Conversation = v.object({
  id: v.string(),
  kind: v.picklist(conversationKinds),
  status: Status,
  subject: v.optional(v.string()),
  contact: v.optional(v.object({ id: v.string(), name: v.optional(v.string()), verified: v.boolean() })),
  inboxId: v.optional(v.string()),
  departmentId: v.optional(v.string()),
  assigneeId: v.optional(v.string()),
  assigneeName: v.optional(v.string()),
  priority: v.number(),
  tags: v.array(v.string()),
  version: v.number(),
  publicSeq: v.number(),
  internalSeq: v.optional(v.number()),
  unread: v.number(),
  lastEntry: v.optional(Entry),
  /** Since when it waits for an agent; only while it is queued. */
  queuedAt: v.optional(v.string()),
  /** Left while nobody was there, to be answered later. */
  forLater: v.optional(v.boolean()),
  waitingSince: v.optional(v.string()),
  firstResponseAt: v.optional(v.string()),
  createdAt: v.string(),
  updatedAt: v.string(),
  resolvedAt: v.optional(v.string()),
});
export type Conversation = v.InferOutput<typeof Conversation>;

/** The head of one live conversation, told at connect. */
export const HeadCursor = v.object({
  conversationId: v.string(),
  publicSeq: v.number(),
  internalSeq: v.optional(v.number()),
});

export const Timeline = v.object({
  conversationId: v.string(),
  audience: Audience,
  entries: v.array(Entry),
  headSeq: v.number(),
  resync: v.optional(v.boolean()),
});
export type Timeline = v.InferOutput<typeof Timeline>;
