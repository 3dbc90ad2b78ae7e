import { randomUUID } from "node:crypto";
import type { Audience, Conversation, Entry } from "../../server/contract/entities.ts";
import { createClient, ParleyError } from "../../widget-sdk/core/client.ts";
import type { Client } from "../../widget-sdk/core/client.ts";
import { keyOf, learn, newRecording, noteIds } from "./recording.ts";
import type { Sent, TimelineKey } from "./recording.ts";
import type { Head, Speaker } from "./speaker.ts";
import { messageMark } from "./virtual-client.ts";
import { Signal, sleep } from "./wait.ts";

export type SdkOptions = {
  name: string;
  url: string;
  namespace: "/widget" | "/agent";
  tenantId: string;
  auth: () => Record<string, unknown> | Promise<Record<string, unknown>>;
  origin?: string;
};

/**
 * The client that Parley ships, under the same eyes as the virtual ones: what its state showed, in which order, and what
 * became of what was sent.
 */
export class SdkPerson implements Speaker {
  readonly options: SdkOptions;
  readonly recording;
  readonly client: Client;
  readonly #signal = new Signal();
  readonly #opened = new Set<string>();
  readonly #seen = new Map<TimelineKey, Entry[]>();
  readonly #attempts = new Map<string, number>();
  visitorToken: string | undefined;

  constructor(options: SdkOptions) {
    this.options = options;
    this.recording = newRecording(options.name, options.tenantId);
    this.client = createClient({
      url: options.url,
      namespace: options.namespace,
      auth: async () => ({
        ...(await options.auth()),
        ...(this.visitorToken !== undefined && { visitorToken: this.visitorToken }),
      }),
      clientId: () => `${messageMark}${randomUUID()}`,
      socket: {
        reconnectionDelay: 50,
        reconnectionDelayMax: 500,
        timeout: 3_000,
        forceNew: true,
        ...(options.origin !== undefined && { extraHeaders: { origin: options.origin } }),
      },
    });
    const { socket } = this.client;
    socket.on("session:ready", ({ actor, visitorToken }) => {
      this.recording.actor = actor;
      this.visitorToken = visitorToken ?? this.visitorToken;
    });
    socket.onAny((_event: string, payload: unknown) => noteIds(this.recording.ids, payload));
    socket.onAnyOutgoing((command: string, payload: { clientId?: string }) => {
      if (command !== "message:send" || payload.clientId === undefined) return;
      this.#attempts.set(payload.clientId, (this.#attempts.get(payload.clientId) ?? 0) + 1);
    });
    this.client.subscribe(() => {
      this.#watch();
      this.#signal.changed();
    });
  }

  /** Compares what is shown now with what was shown before: only entries at the end are news. */
  #watch(): void {
    for (const { conversationId, audience, entries } of Object.values(this.client.getState().timelines)) {
      const key = keyOf(conversationId, audience);
      if (this.#seen.get(key) === entries) continue;
      this.#seen.set(key, entries);
      const shown = this.recording.shown.get(key) ?? [];
      this.recording.shown.set(key, shown);
      const last = shown.at(-1) ?? 0;
      shown.push(...entries.filter(({ seq }) => seq > last).map(({ seq }) => seq));
      const gap = entries.find(({ seq }, index) => index > 0 && seq !== entries[index - 1]!.seq + 1);
      if (gap) this.recording.remarks.push(`${key}: ${gap.seq} was shown without the entry before it`);
    }
  }

  #until<T>(look: () => T, what: string, ms?: number): Promise<NonNullable<T>> {
    const describe = () => {
      const { session, outbox } = this.client.getState();
      return `${this.options.name}: ${what}; ${session.status} (${session.error?.code ?? "no error"}), ${outbox.length} in the outbox`;
    };
    return this.#signal.until(look, describe, ms);
  }

  async connect(): Promise<void> {
    this.client.connect();
    await this.#until(() => this.client.getState().session.status === "online", "the session is ready");
  }

  close(): void {
    this.client.close();
  }

  async start(body?: string): Promise<Conversation> {
    const conversation = await this.client.start(
      body === undefined ? {} : { body: `${this.options.tenantId} ${body}` },
    );
    await this.open(conversation.id);
    return conversation;
  }

  async open(conversationId: string): Promise<void> {
    for (;;) {
      try {
        await this.client.open(conversationId);
        this.#opened.add(conversationId);
        return;
      } catch (error) {
        if (!(error instanceof ParleyError) || !error.retryable) throw error;
        await sleep(100);
      }
    }
  }

  async send(conversationId: string, body: string, more: { audience?: Audience } = {}): Promise<Sent> {
    const { audience = "public" } = more;
    const text = `${this.options.tenantId} ${body}`;
    const clientId = this.client.send({ conversationId, body: text, audience });
    const sent: Sent = { conversationId, audience, clientId, body: text, attempts: 0 };
    this.recording.sent.push(sent);
    const settled = () => {
      const waiting = this.client.getState().outbox.find((message) => message.clientId === clientId);
      if (waiting?.state === "failed") return waiting;
      return waiting === undefined || undefined;
    };
    const outcome = await this.#until(settled, `an answer to ${clientId}`, 120_000);
    sent.attempts = this.#attempts.get(clientId) ?? 0;
    if (outcome !== true) {
      sent.refusal = outcome.error ?? { code: "internal", message: "failed without a reason", retryable: false };
      return sent;
    }
    const entry = this.#entries(conversationId, audience).findLast((one) => one.clientId === clientId);
    if (entry) sent.ack = { id: entry.id, seq: entry.seq };
    return sent;
  }

  async insist(command: string, payload: Record<string, unknown>): Promise<unknown> {
    for (;;) {
      try {
        return await this.client.request(command as "typing:set", payload as never);
      } catch (error) {
        if (!(error instanceof ParleyError) || !error.retryable) throw error;
        await sleep(100);
      }
    }
  }

  #entries(conversationId: string, audience: Audience): Entry[] {
    return this.#seen.get(keyOf(conversationId, audience)) ?? [];
  }

  shownSeq(conversationId: string, audience: Audience = "public"): number {
    return this.#entries(conversationId, audience).at(-1)?.seq ?? 0;
  }

  upTo(conversationId: string, seq: number, audience: Audience = "public"): Promise<boolean> {
    return this.#until(() => this.shownSeq(conversationId, audience) >= seq, `${audience} ${seq} of ${conversationId}`);
  }

  get following(): string[] {
    return [...this.#opened];
  }

  async settle(): Promise<void> {
    const quiet = () => {
      const { session, outbox } = this.client.getState();
      return session.status === "online" && outbox.every(({ state }) => state === "failed");
    };
    await this.#until(quiet, "at rest", 60_000);
  }

  async reaches(heads: Head[], versions: Map<string, number>, ms: number): Promise<void> {
    const shows = ({ conversationId, audience, headSeq }: Head) => {
      const known = this.client.getState().conversations[conversationId];
      const isNew = (known?.version ?? 0) >= (versions.get(conversationId) ?? 0);
      return isNew && this.shownSeq(conversationId, audience) >= headSeq;
    };
    try {
      await this.#until(() => heads.every(shows), "what the tables hold", ms);
    } finally {
      this.#recordView();
    }
  }

  #recordView(): void {
    const { timelines, conversations } = this.client.getState();
    noteIds(this.recording.ids, conversations);
    for (const conversation of Object.values(conversations)) learn(this.recording, conversation);
    for (const { conversationId, audience, entries } of Object.values(timelines)) {
      if (!this.#opened.has(conversationId)) continue;
      noteIds(this.recording.ids, entries);
      this.recording.view.set(keyOf(conversationId, audience), new Map(entries.map((entry) => [entry.seq, entry])));
    }
  }
}
