import { randomUUID } from "node:crypto";
import { io } from "socket.io-client";
import type { Socket } from "socket.io-client";
import type { Ack, Audience, Conversation, Entry, ErrorBody, Timeline } from "../../server/contract/index.ts";
import { Follower } from "./follower.ts";
import type { Cursor } from "./follower.ts";
import { learn, newRecording, noteIds } from "./recording.ts";
import type { Recording, Sent } from "./recording.ts";
import type { Head } from "./speaker.ts";
import { Signal, sleep } from "./wait.ts";

export type Ready = {
  contractLevel: number;
  tenant: { id: string; name: string };
  actor: Recording["actor"];
  visitorToken?: string;
  email?: string;
  permissions?: string[];
  colleagues?: { id: string; name: string; presence: string }[];
  expiresAt?: string;
  unread: number;
  cursors: { conversationId: string; publicSeq: number; internalSeq?: number }[];
};

export type ClientOptions = {
  /** Unique in its test; names the client in reports. */
  name: string;
  /** Base URL of a node, or of a balancer. */
  url: string;
  namespace: "/widget" | "/agent";
  tenantId: string;
  /** Asked at every connect, as a renewed token needs it. */
  auth: () => Record<string, unknown> | Promise<Record<string, unknown>>;
  origin?: string;
  /** Where a trusted proxy says that the client is. */
  address?: string;
  /** How long an ack may take before the command counts as lost. */
  ackMs?: number;
};

/** Begins the clientId of every message that virtual clients send, so that a proxy can tell them on any wire. */
export const messageMark = "said-";

/** A refusal or a lost ack, as a command's caller meets it. */
export class CommandFailed extends Error {
  readonly error: ErrorBody;

  constructor(command: string, error: ErrorBody) {
    super(`${command}: ${error.code}: ${error.message}`);
    this.error = error;
  }
}

/**
 * A client made of nothing but socket.io-client and DESIGN's wire, so that it proves the wire and not our own client
 * code. It records all it sees, shows entries by `seq` alone, pulls what it lacks, and sends again, under the same
 * clientId, what was not acked.
 */
export class VirtualClient {
  readonly options: ClientOptions;
  readonly recording: Recording;
  readonly socket: Socket;
  /** Woken after anything that happened to this client. */
  readonly signal = new Signal();
  ready: Ready | undefined;
  readies = 0;
  visitorToken: string | undefined;
  refused: ErrorBody | undefined;
  ended: { reason: string; reconnect: boolean } | undefined;
  readonly #colleagues = new Map<string, { id: string; presence: string }>();
  readonly #follower: Follower;
  readonly #opened = new Set<string>();
  readonly #lanes = new Map<string, Promise<unknown>>();
  #closed = false;

  constructor(options: ClientOptions) {
    this.options = options;
    this.recording = newRecording(options.name, options.tenantId);
    this.socket = io(`${options.url}${options.namespace}`, {
      transports: ["websocket"],
      forceNew: true,
      autoConnect: false,
      reconnectionDelay: 50,
      reconnectionDelayMax: 500,
      randomizationFactor: 0.5,
      timeout: 3_000,
      extraHeaders: {
        ...(options.origin && { origin: options.origin }),
        ...(options.address && { "x-forwarded-for": options.address }),
      },
      auth: (give) =>
        void this.#auth().then(give, () => {
          // Closed meanwhile: nobody waits for the handshake any more.
        }),
    });
    this.#follower = new Follower({
      recording: this.recording,
      pull: (cursors) => this.#pull(cursors),
      changed: () => this.signal.changed(),
    });
    this.#listen();
  }

  async #auth(): Promise<Record<string, unknown>> {
    for (;;) {
      try {
        const auth = await this.options.auth();
        return this.visitorToken === undefined ? auth : { ...auth, visitorToken: this.visitorToken };
      } catch (error) {
        // A login may meet a dying node as well; the handshake waits for it.
        if (this.#closed) throw error;
        await sleep(100);
      }
    }
  }

  #listen(): void {
    const { socket } = this;
    socket.onAny((_event: string, payload: unknown) => {
      noteIds(this.recording.ids, payload);
      this.signal.changed();
    });
    socket.on("session:ready", (ready: Ready) => this.#resume(ready));
    socket.on("entry:appended", ({ entry }: { entry: Entry }) => {
      // What was assigned to an agent comes by itself: it is opened, as a desktop would.
      if (!this.#follows(entry.conversationId)) this.#openSoon(entry.conversationId);
      this.#follower.take(entry);
    });
    socket.on("timeline:head", (head: { conversationId: string; audience: Audience; headSeq: number }) => {
      // Agents also hear of conversations that only stand in their list.
      if (this.#follows(head.conversationId)) this.#follower.hearHead(head.conversationId, head.audience, head.headSeq);
    });
    for (const event of ["conversation:updated", "conversation:assigned"]) {
      socket.on(event, ({ conversation }: { conversation: Conversation }) => learn(this.recording, conversation));
    }
    socket.on("presence:changed", ({ actor, presence }: { actor: { id: string }; presence: string }) =>
      this.#colleagues.set(actor.id, { id: actor.id, presence }),
    );
    socket.on("session:ended", (ended: { reason: string; reconnect: boolean }) => {
      this.ended = ended;
    });
    socket.on("connect_error", (error: Error & { data?: ErrorBody }) => {
      // Middleware refusals are not retried by the library. What may pass later is tried again.
      if (error.data) {
        this.refused = error.data;
        if (error.data.retryable) this.#reconnectSoon();
      }
      this.signal.changed();
    });
    socket.on("disconnect", (reason) => {
      this.ready = undefined;
      // The library takes a server's disconnect for a final word; only `reconnect: false` is one.
      if (reason === "io server disconnect" && this.ended?.reconnect !== false) this.#reconnectSoon();
      this.signal.changed();
    });
  }

  #reconnectSoon(): void {
    if (!this.#closed) setTimeout(() => this.#closed || this.socket.connect(), 100);
  }

  /** Connects and waits until the session is ready; throws the refusal when the handshake is refused for good. */
  async connect(): Promise<Ready> {
    this.refused = undefined;
    this.socket.connect();
    const answer = await this.until(
      () => this.ready ?? (this.refused && !this.refused.retryable ? this.refused : undefined),
      "the session is ready",
    );
    if ("code" in answer) throw new CommandFailed("handshake", answer);
    return answer;
  }

  /** Leaves for good. */
  close(): void {
    this.#closed = true;
    this.#follower.stop();
    this.socket.disconnect();
    this.signal.changed();
  }

  until<T>(look: () => T, what: string, ms?: number): Promise<NonNullable<T>> {
    return this.signal.until(look, () => `${this.options.name}: ${what}; ${this.describe()}`, ms);
  }

  describe(): string {
    return `${this.ready ? "connected" : `not connected (${this.refused?.code ?? "no refusal"})`}, ${this.#follower.describe()}`;
  }

  /** The next `event` that matches, from now on. */
  next<T = any>(event: string, matches: (payload: T) => boolean = () => true, ms?: number): Promise<T> {
    let found: { payload: T } | undefined;
    const listener = (payload: T) => {
      if (!found && matches(payload)) found = { payload };
    };
    this.socket.on(event, listener);
    return this.until(() => found, `event ${event}`, ms)
      .then(({ payload }) => payload)
      .finally(() => this.socket.off(event, listener));
  }

  /** One command, once. Throws CommandFailed on a refusal; without an ack in time its code is `unavailable`. */
  async command<T = any>(name: string, payload: unknown, ms = this.options.ackMs ?? 4_000): Promise<T> {
    let ack: Ack<T>;
    noteIds(this.recording.uttered, payload);
    try {
      ack = (await this.socket.timeout(ms).emitWithAck(name, payload)) as Ack<T>;
    } catch {
      throw new CommandFailed(name, { code: "unavailable", message: "no ack came", retryable: true });
    }
    noteIds(this.recording.ids, ack);
    if (ack.ok) return ack.data;
    // Whatever breaks outside, the server knows what to say of it; `internal` is a mistake of its own.
    if (ack.error.code === "internal") this.recording.remarks.push(`${name} was answered with internal`);
    throw new CommandFailed(name, ack.error);
  }

  /** One command until it is answered for good: over reconnects, lost acks and retryable refusals. */
  async insist<T = any>(name: string, payload: unknown, onAttempt: () => void = () => {}): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      await this.until(() => this.ready ?? (this.#closed || undefined), `connected, to ${name}`, 120_000);
      if (this.#closed) throw new Error(`${this.options.name} was closed before ${name} was answered`);
      onAttempt();
      try {
        return await this.command<T>(name, payload);
      } catch (error) {
        if (!(error instanceof CommandFailed) || !error.error.retryable || error.error.code === "internal") throw error;
        await sleep(Math.min(50 * 2 ** attempt, 500));
      }
    }
  }

  /** Starts a conversation and follows it. */
  async start(body?: string, more: Record<string, unknown> = {}): Promise<Conversation> {
    const clientId = randomUUID();
    const text = body === undefined ? undefined : `${this.options.tenantId} ${body}`;
    const { conversation, entry } = await this.insist<{ conversation: Conversation; entry?: Entry }>(
      "conversation:start",
      {
        clientId,
        ...(text !== undefined && { body: text }),
        ...more,
      },
    );
    if (text !== undefined && !entry)
      this.recording.remarks.push(`conversation:start with a body came back without its entry`);
    this.#follow(conversation);
    if (entry) this.#follower.take(entry);
    return conversation;
  }

  /** Opens a conversation, subscribes to it and pulls all of it. */
  async open(conversationId: string): Promise<Conversation> {
    const { conversation } = await this.insist<{ conversation: Conversation }>("conversation:open", {
      conversationId,
      limit: 1,
    });
    this.#follow(conversation);
    return conversation;
  }

  #follow(conversation: Conversation): void {
    learn(this.recording, conversation);
    this.#opened.add(conversation.id);
    this.#follower.hearHead(conversation.id, "public", conversation.publicSeq);
    if (conversation.internalSeq !== undefined)
      this.#follower.hearHead(conversation.id, "internal", conversation.internalSeq);
  }

  /**
   * Sends a message until it is acked or refused for good; messages of one conversation leave one after the other.
   * The body carries the tenant's id, so that a leaked text betrays itself.
   */
  send(conversationId: string, body: string, more: { audience?: Audience; clientId?: string } = {}): Promise<Sent> {
    const { audience = "public", clientId = `${messageMark}${randomUUID()}` } = more;
    const sent: Sent = { conversationId, audience, clientId, body: `${this.options.tenantId} ${body}`, attempts: 0 };
    this.recording.sent.push(sent);
    const payload = { conversationId, clientId, body: sent.body, ...(audience === "internal" && { audience }) };
    const lane = (this.#lanes.get(conversationId) ?? Promise.resolve()).then(async () => {
      try {
        const { entry, headSeq } = await this.insist<{ entry: Entry; headSeq: number }>("message:send", payload, () => {
          sent.attempts += 1;
        });
        sent.ack = { id: entry.id, seq: entry.seq };
        if (entry.clientId !== clientId)
          this.recording.remarks.push(`the ack of ${clientId} carries clientId ${entry.clientId}`);
        if (headSeq < entry.seq)
          this.recording.remarks.push(`the ack of ${clientId} tells head ${headSeq} below its seq ${entry.seq}`);
        this.#follower.take(entry);
        this.#follower.hearHead(conversationId, audience, headSeq);
      } catch (error) {
        if (error instanceof CommandFailed) sent.refusal = error.error;
      }
      this.signal.changed();
      return sent;
    });
    this.#lanes.set(conversationId, lane);
    return lane;
  }

  /** How far this client shows a timeline. */
  shownSeq(conversationId: string, audience: Audience = "public"): number {
    return this.#follower.shownSeq(conversationId, audience);
  }

  /** Waits until this client shows `seq`; live or pulled, it does not ask which. */
  upTo(conversationId: string, seq: number, audience: Audience = "public", ms?: number): Promise<true> {
    return this.until(
      () => this.shownSeq(conversationId, audience) >= seq || undefined,
      `${audience} ${seq} of ${conversationId}`,
      ms,
    );
  }

  async settle(ms = 60_000): Promise<void> {
    await Promise.all(this.#lanes.values());
    await this.until(() => this.ready, "connected", ms);
  }

  reaches(heads: Head[], versions: Map<string, number>, ms: number): Promise<boolean> {
    const { conversations } = this.recording;
    const shows = ({ conversationId, audience, headSeq }: Head) =>
      this.shownSeq(conversationId, audience) >= headSeq &&
      (conversations.get(conversationId)?.version ?? 0) >= (versions.get(conversationId) ?? 0);
    return this.until(() => heads.every(shows), "what the tables hold", ms);
  }

  /** A colleague as told at connect and kept up to date since. */
  colleague(id: string): { id: string; presence: string } | undefined {
    return this.#colleagues.get(id);
  }

  /** The conversations this client follows. */
  get following(): string[] {
    return [...new Set([...this.#opened, ...this.#follower.conversationIds])];
  }

  #resume(ready: Ready): void {
    this.ready = ready;
    this.readies += 1;
    this.refused = this.ended = undefined;
    this.recording.actor = ready.actor;
    for (const colleague of ready.colleagues ?? []) this.#colleagues.set(colleague.id, colleague);
    if (ready.visitorToken) this.visitorToken = ready.visitorToken;
    for (const { conversationId, publicSeq, internalSeq } of ready.cursors) {
      this.#follower.hearHead(conversationId, "public", publicSeq);
      if (internalSeq !== undefined) this.#follower.hearHead(conversationId, "internal", internalSeq);
    }
    if (this.readies > 1) this.#follower.doubt();
    // A new socket is subscribed to what `cursors` names; the rest has to be opened again. All are: cursors do not tell
    // what else became of a conversation.
    for (const conversationId of this.following) this.#openSoon(conversationId);
    this.signal.changed();
  }

  #follows(conversationId: string): boolean {
    return this.#opened.has(conversationId) || this.#follower.conversationIds.has(conversationId);
  }

  #openSoon(conversationId: string): void {
    this.open(conversationId).catch((error: unknown) => this.#complain(error));
  }

  #complain(error: unknown): void {
    if (!this.#closed) this.recording.remarks.push(error instanceof Error ? error.message : String(error));
  }

  async #pull(cursors: Cursor[]): Promise<Timeline[] | undefined> {
    if (!this.ready) return undefined;
    try {
      return (await this.command<{ timelines: Timeline[] }>("conversation:sync", { cursors }, 10_000)).timelines;
    } catch (error) {
      if (error instanceof CommandFailed && error.error.retryable) return undefined;
      this.#complain(error);
      return undefined;
    }
  }
}
