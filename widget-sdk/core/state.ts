import type { Colleague, Offer } from "../../server/contract/agent.ts";
import type {
  Actor,
  Audience,
  Availability,
  Conversation,
  Entry,
  Presence,
  Receipt,
} from "../../server/contract/entities.ts";
import type { ErrorBody } from "../../server/contract/errors.ts";
import type { InboxAvailability } from "../../server/contract/widget.ts";

export type TimelineKey = `${string}:${Audience}`;
/** `agent:<id>`, `contact:<id>`, … */
export type ActorKey = `${string}:${string}`;

export const timelineKey = (conversationId: string, audience: Audience): TimelineKey => `${conversationId}:${audience}`;
export const actorKey = (actor: { kind: string; id?: string | undefined }): ActorKey =>
  `${actor.kind}:${actor.id ?? ""}`;

/**
 * One timeline as far as this client holds it. `entries` has no gap and ends at `heldSeq`; it may start late, older ones
 * come by history. What arrived beyond a gap waits in `early` and is shown to nobody until the gap is filled.
 */
export type Timeline = {
  conversationId: string;
  audience: Audience;
  entries: Entry[];
  heldSeq: number;
  early: Entry[];
  /** The highest seq known to exist; above `heldSeq` the client lacks something. */
  headSeq: number;
  /** False while the timeline is only followed from its head on and its newest page was never fetched. */
  opened: boolean;
};

/**
 * `connecting` until the first `session:ready`, `offline` while trying to come back, `ended` when the server said to stay
 * away or the client was closed. Before `connect()` it is `offline`.
 */
export type Status = "connecting" | "online" | "offline" | "ended";

export type Session = {
  status: Status;
  actor?: Actor;
  tenant?: { id: string; name: string };
  /** Rights of an agent's role; empty on `/widget`. */
  permissions: string[];
  availability?: Availability;
  colleagues: Colleague[];
  departments: { id: string; name: string }[];
  /** Whether anybody answers now, of a widget's inbox. */
  inbox?: InboxAvailability;
  /** Where unread replies are mailed, of a contact whom the site vouches for with an address. */
  email?: string;
  /** Unread messages over all conversations, as told at connect. */
  unread: number;
  /** Server time minus local time in milliseconds, measured at connect. */
  clockOffsetMs: number;
  /** Why the last attempt failed or the session ended. */
  error?: ErrorBody;
  endedReason?: string;
};

/**
 * A message on its way. `sending`: not acked yet, and tried again; `sent`: acked, waits for its place in the timeline;
 * `failed`: refused for good with `error`. A `start` opens its conversation under the id `new:<clientId>` until the
 * server names the real one.
 */
export type OutboxMessage = {
  kind: "send" | "start";
  clientId: string;
  conversationId: string;
  audience: Audience;
  body?: string;
  replyToSeq?: number;
  seenSeq?: number;
  subject?: string;
  departmentId?: string;
  fields?: Record<string, string>;
  /** How to reach a visitor who leaves a message for later. */
  name?: string;
  email?: string;
  state: "sending" | "sent" | "failed";
  /** Its place in the timeline, once acked. */
  seq?: number;
  error?: ErrorBody;
  /** Local time, ISO. */
  createdAt: string;
  /** Who wrote it, once known; never sent in somebody else's name. */
  actor?: ActorKey;
};

/** A waiting contact's place, 1 for the next; the wait is null while nothing is known of it. */
export type QueuePlace = { position: number; estimatedWaitSeconds: number | null };

export type Typist = { actor: Actor; untilMs: number };

export type ClientState = {
  session: Session;
  conversations: Record<string, Conversation>;
  timelines: Record<TimelineKey, Timeline>;
  /** Up to which seq a conversation's `unread` already counts. */
  counted: Record<TimelineKey, number>;
  receipts: Record<TimelineKey, Record<ActorKey, Receipt>>;
  typing: Record<TimelineKey, Typist[]>;
  presence: Record<ActorKey, { presence: Presence; availability?: Availability }>;
  /** By conversation. */
  queue: Record<string, QueuePlace>;
  /** What is held out to this agent, by conversation. */
  offers: Record<string, Offer>;
  outbox: OutboxMessage[];
  /** `new:<clientId>` → the conversation it became. */
  started: Record<string, string>;
};

export const initialState: ClientState = {
  session: { status: "offline", permissions: [], colleagues: [], departments: [], unread: 0, clockOffsetMs: 0 },
  conversations: {},
  timelines: {},
  counted: {},
  receipts: {},
  typing: {},
  presence: {},
  queue: {},
  offers: {},
  outbox: [],
  started: {},
};

/** True for what the session's own actor wrote. */
export const isMine = (state: ClientState, author: { kind: string; id?: string | undefined }): boolean => {
  const { actor } = state.session;
  return actor !== undefined && actor.kind === author.kind && actor.id === author.id;
};

/** The timelines this session may see: contacts have one, everybody else two. */
export const audiencesOf = (state: ClientState): Audience[] =>
  state.session.actor?.kind === "contact" ? ["public"] : ["public", "internal"];

/** The head a conversation tells for one of its timelines; undefined when it tells none. */
export const headOf = (conversation: Conversation, audience: Audience): number | undefined =>
  audience === "public" ? conversation.publicSeq : conversation.internalSeq;
