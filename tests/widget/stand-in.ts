import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server } from "socket.io";
import type { Socket } from "socket.io";
import type { Actor, Conversation, Entry, Receipt } from "../../server/contract/entities.ts";
import type { ErrorBody } from "../../server/contract/errors.ts";

type Held = { conversation: Conversation; contactId: string; entries: Entry[]; receipts: Map<string, Receipt> };
type Handler = (payload: any, socket: Socket) => object;

export const agent: Actor = { kind: "agent", id: "agent-1", name: "Sam" };
const now = () => new Date().toISOString();

/**
 * A server of the wire's timeline part that keeps everything in memory and fails on demand: what the client does about
 * lost acks, lost events and refusals is tried against it. What the real server does is tested on the real server.
 */
export class StandIn {
  readonly conversations = new Map<string, Held>();
  /** Every command that came, in order. */
  readonly commands: { name: string; payload: any }[] = [];
  readonly handshakes: Record<string, any>[] = [];
  /** Called with each command; what it returns is answered instead. `"silence"` carries it out and never acks. */
  interfere: (name: string, payload: any) => ErrorBody | "silence" | undefined = () => undefined;
  /** Live entries this returns false for are lost. */
  deliver: (entry: Entry) => boolean = () => true;
  refuseHandshake: (auth: Record<string, any>) => ErrorBody | undefined = () => undefined;
  /** Conversations that `session:ready` tells of; null for all of the contact's. */
  told: string[] | null = null;
  syncLimit = 500;
  /** The most entries of one sync's timelines together; the first are served first. */
  syncLimitInAll = Number.POSITIVE_INFINITY;
  /** Answers syncs with nothing but `resync`. */
  resync = false;
  readonly #watchers = new Set<() => void>();
  readonly #http = createServer();
  readonly #io = new Server(this.#http, { pingInterval: 2000, pingTimeout: 2000 });

  static async listen(): Promise<StandIn> {
    const server = new StandIn();
    server.#serve();
    await new Promise<void>((done) => server.#http.listen(0, "127.0.0.1", done));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await this.#io.close();
  }

  /** Cuts every connection, as a lost node would. */
  cut(): void {
    for (const socket of this.#sockets()) socket.conn.close();
  }

  emit(event: string, data: object): void {
    for (const socket of this.#sockets()) socket.emit(event, data);
  }

  /** Resolves once `holds` does; looked at after every command. */
  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
    });
  }

  /** Resolves when the command has come for the `times`-th time. */
  seen(name: string, times = 1): Promise<void> {
    return this.until(() => this.count(name) >= times);
  }

  count(name: string): number {
    return this.commands.filter((command) => command.name === name).length;
  }

  get only(): Held {
    return [...this.conversations.values()][0]!;
  }

  say(conversationId: string, body: string, author: Actor = agent, more: Partial<Entry> = {}): Entry {
    const held = this.conversations.get(conversationId)!;
    const seq = held.entries.length + 1;
    const base = { id: randomUUID(), conversationId, audience: "public" as const, seq, author, createdAt: now() };
    const entry: Entry = { ...base, kind: "message", body, ...more };
    held.entries.push(entry);
    held.conversation = { ...held.conversation, publicSeq: seq, updatedAt: entry.createdAt };
    if (this.deliver(entry)) this.#io.of("/widget").to(conversationId).emit("entry:appended", { entry });
    return entry;
  }

  start(contactId: string): string {
    const id = randomUUID();
    const at = { createdAt: now(), updatedAt: now() };
    const fixed = { kind: "support" as const, status: "open" as const, priority: 0, tags: [], version: 1, unread: 0 };
    const conversation: Conversation = { id, ...fixed, publicSeq: 0, ...at };
    this.conversations.set(id, { conversation, contactId, entries: [], receipts: new Map() });
    return id;
  }

  #sockets(): Socket[] {
    return [...this.#io.of("/widget").sockets.values()];
  }

  #present(held: Held): Conversation {
    const read = held.receipts.get(held.contactId)?.readSeq ?? 0;
    const unread = held.entries.filter(({ seq, author, kind }) => {
      return seq > read && kind === "message" && author.id !== held.contactId;
    }).length;
    return { ...held.conversation, unread };
  }

  #serve(): void {
    const widget = this.#io.of("/widget");
    widget.use((socket, next) => {
      this.handshakes.push(socket.handshake.auth);
      const refusal = this.refuseHandshake(socket.handshake.auth);
      next(refusal && Object.assign(new Error(refusal.message), { data: refusal }));
    });
    widget.on("connection", (socket) => {
      const id: string = socket.handshake.auth["visitorToken"] ?? randomUUID();
      socket.data.actor = { kind: "contact", id };
      const own = [...this.conversations.values()].filter(
        ({ contactId, conversation }) =>
          contactId === id && (this.told === null || this.told.includes(conversation.id)),
      );
      for (const { conversation } of own) void socket.join(conversation.id);
      for (const [name, handler] of Object.entries(this.#handlers)) {
        socket.on(name, (payload: any, ack?: (answer: object) => void) => {
          this.commands.push({ name, payload });
          const told = this.interfere(name, payload);
          if (told && told !== "silence") ack?.({ ok: false, error: told });
          else {
            const answer = handler(payload, socket);
            if (told !== "silence") ack?.("error" in answer ? { ok: false, ...answer } : { ok: true, data: answer });
          }
          for (const look of this.#watchers) look();
        });
      }
      socket.emit("session:ready", {
        contractLevel: 1,
        serverTime: now(),
        tenant: { id: "t1", name: "Acme" },
        actor: socket.data.actor,
        visitorToken: id,
        unread: 0,
        cursors: own.map(({ conversation }) => ({
          conversationId: conversation.id,
          publicSeq: conversation.publicSeq,
        })),
      });
    });
  }

  readonly #handlers: Record<string, Handler> = {
    "conversation:start": ({ clientId, body }, socket) => {
      const actor: Actor = socket.data.actor;
      let id = [...this.conversations].find(([, held]) => held.conversation.tags.includes(clientId))?.[0];
      if (!id) {
        id = this.start(actor.id);
        const held = this.conversations.get(id)!;
        held.conversation = { ...held.conversation, tags: [clientId] };
        void socket.join(id);
        if (body) this.say(id, body, actor, { clientId });
      }
      const held = this.conversations.get(id)!;
      return { conversation: this.#present(held), ...(held.entries[0] && { entry: held.entries[0] }) };
    },
    "conversation:list": () => ({
      conversations: [...this.conversations.values()].map((held) => this.#present(held)),
      nextCursor: null,
    }),
    "conversation:open": ({ conversationId, limit = 50 }, socket) => {
      const held = this.conversations.get(conversationId);
      if (!held) return { error: { code: "not_found", message: "No such conversation", retryable: false } };
      void socket.join(conversationId);
      const receipts = [...held.receipts.values()];
      return { conversation: this.#present(held), entries: held.entries.slice(-limit), receipts };
    },
    "conversation:sync": ({ cursors }) => {
      let left = this.syncLimitInAll;
      return {
        timelines: cursors.map(({ conversationId, audience, afterSeq }: any) => {
          const { entries } = this.conversations.get(conversationId)!;
          if (this.resync) return { conversationId, audience, entries: [], headSeq: entries.length, resync: true };
          const given = entries.slice(afterSeq, afterSeq + Math.min(left, this.syncLimit));
          left -= given.length;
          return { conversationId, audience, entries: given, headSeq: entries.length };
        }),
      };
    },
    "conversation:history": ({ conversationId, beforeSeq, limit = 50 }) => ({
      entries: this.conversations.get(conversationId)!.entries.slice(Math.max(0, beforeSeq - 1 - limit), beforeSeq - 1),
    }),
    "message:send": ({ conversationId, clientId, body }, socket) => {
      const actor: Actor = socket.data.actor;
      const { entries } = this.conversations.get(conversationId)!;
      const known = entries.find((entry) => entry.clientId === clientId && entry.author.id === actor.id);
      const entry = known ?? this.say(conversationId, body, actor, { clientId });
      return { entry, headSeq: entries.length };
    },
    "receipt:record": ({ conversationId, deliveredSeq = 0, readSeq = 0 }, socket) => {
      const { receipts } = this.conversations.get(conversationId)!;
      const actor: Actor = socket.data.actor;
      const held = receipts.get(actor.id);
      const receipt: Receipt = {
        audience: "public",
        actor: { kind: actor.kind, id: actor.id },
        deliveredSeq: Math.max(held?.deliveredSeq ?? 0, deliveredSeq, readSeq),
        readSeq: Math.max(held?.readSeq ?? 0, readSeq),
      };
      receipts.set(actor.id, receipt);
      socket.to(conversationId).emit("receipt:recorded", { conversationId, ...receipt });
      return {};
    },
    "typing:set": ({ conversationId, typing }, socket) => {
      const { actor } = socket.data;
      socket.to(conversationId).emit("typing:changed", { conversationId, audience: "public", actor, typing });
      return {};
    },
  };
}
