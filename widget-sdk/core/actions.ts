import type { Actor, Audience, Availability, Conversation, Entry, Receipt } from "../../server/contract/entities.ts";
import type { Timeline as WireTimeline } from "../../server/contract/entities.ts";
import type { Offer } from "../../server/contract/agent.ts";
import type { ErrorBody } from "../../server/contract/errors.ts";
import type { PresenceChange } from "../../server/contract/shared.ts";
import type { InboxAvailability } from "../../server/contract/widget.ts";
import type { OutboxMessage, QueuePlace } from "./state.ts";
import type { Ready } from "./wire.ts";

/** Everything that can happen to a client's state. Times come with the action: the reducer knows no clock. */
export type Action =
  | { type: "connecting" }
  | { type: "forgotten" }
  | { type: "offline"; error?: ErrorBody }
  | { type: "ended"; reason: string; error?: ErrorBody }
  | { type: "ready"; ready: Ready; nowMs: number }
  | { type: "availability"; availability: Availability }
  /** Answers to commands; the viewer's own `unread` with them. */
  | { type: "fetched"; conversations: Conversation[] }
  | { type: "opened"; conversation: Conversation; entries: Entry[]; receipts: Receipt[]; replace?: boolean }
  | { type: "synced"; timeline: WireTimeline }
  /** An older page; `asOf` is what was held when it was asked for. */
  | { type: "paged"; conversationId: string; audience: Audience; entries: Entry[]; asOf: number }
  | { type: "appended"; entry: Entry }
  | { type: "head"; conversationId: string; audience: Audience; headSeq: number }
  | { type: "updated"; conversation: Conversation }
  | { type: "dropped"; conversationId: string; forget: boolean }
  | { type: "receipt"; conversationId: string; receipt: Receipt }
  | { type: "typing"; conversationId: string; audience: Audience; actor: Actor; typing: boolean; nowMs: number }
  | { type: "ticked"; nowMs: number }
  | { type: "presence"; changes: PresenceChange[] }
  | { type: "placed"; conversationId: string; place: QueuePlace }
  | { type: "inbox"; inbox: InboxAvailability }
  | { type: "offered"; offer: Offer }
  | { type: "offerEnded"; conversationId: string }
  | { type: "queued"; message: OutboxMessage }
  /** Left unsent by an earlier page. */
  | { type: "restored"; message: OutboxMessage }
  | { type: "acked"; clientId: string; entry: Entry; headSeq: number }
  | { type: "started"; clientId: string; conversation: Conversation; entry?: Entry }
  | { type: "refused"; clientId: string; error: ErrorBody }
  | { type: "retried"; clientId: string; seenSeq?: number }
  | { type: "discarded"; clientId: string };
