import type { Audience, Conversation } from "../../server/contract/entities.ts";
import type { Recording, Sent } from "./recording.ts";

export type Head = { conversationId: string; audience: Audience; headSeq: number };

/** Who takes part in a test's conversations and is judged afterwards, whatever client they use. */
export type Speaker = {
  options: { name: string; tenantId: string };
  recording: Recording;
  connect: () => Promise<unknown>;
  close: () => void;
  start: (body?: string) => Promise<Conversation>;
  open: (conversationId: string) => Promise<unknown>;
  /** Resolves when the message was acked, or refused for good. */
  send: (conversationId: string, body: string, more?: { audience?: Audience }) => Promise<Sent>;
  /** Any command, until it is answered for good; rejects with its refusal. */
  insist: (command: string, payload: Record<string, unknown>) => Promise<unknown>;
  shownSeq: (conversationId: string, audience?: Audience) => number;
  upTo: (conversationId: string, seq: number, audience?: Audience) => Promise<boolean>;
  /** The conversations they follow. */
  readonly following: string[];
  /** Waits until they are connected and nothing is left to send. */
  settle: () => Promise<void>;
  /** Waits until they show these heads and know these versions of what they follow, without asking for anything. */
  reaches: (heads: Head[], versions: Map<string, number>, ms: number) => Promise<unknown>;
};
