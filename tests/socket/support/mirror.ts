import type { Audience, Conversation, Entry, Receipt, Timeline } from "../../../server/contract/entities.ts";
import type { VirtualClient } from "../../support/virtual-client.ts";
import { ask } from "./ask.ts";
import { applied, broughtUp } from "./log.ts";
import type { Log } from "./log.ts";
import { fetchView, listAll, sortById, sortReceipts, timelineOf } from "./view.ts";
import type { View } from "./view.ts";

type Head = { conversationId: string; audience: Audience; headSeq: number };
type Recorded = Receipt & { conversationId: string };
type Present = { actor: { id: string }; presence: string; availability?: string; also?: Present[] };

const mostUnread = 100;

/**
 * What a client knows that fetched once and has only listened since. It follows DESIGN's wire and nothing else: a conversation
 * told with a version no lower than the one held replaces it; what its timelines hold beyond is added; a head or a gap is
 * pulled. `opened`: it has opened all it can see, else it has only listed them.
 */
export class Mirror {
  readonly socket: VirtualClient;
  opened: string[] = [];
  readonly #told = new Map<string, Conversation>();
  readonly #logs = new Map<string, Log>();
  readonly #receipts = new Map<string, Map<string, Receipt>>();
  readonly #colleagues = new Map<string, View["colleagues"][0]>();
  readonly #offers = new Map<string, string>();
  #work: Promise<unknown> = Promise.resolve();

  private constructor(socket: VirtualClient) {
    this.socket = socket;
  }

  /** Fetches all that `socket`, which has just connected, may see. */
  static async of(socket: VirtualClient, { opens }: { opens: boolean }): Promise<Mirror> {
    const mirror = new Mirror(socket);
    const early: [string, any][] = [];
    let take = (event: string, payload: any): unknown => early.push([event, payload]);
    socket.socket.onAny((event: string, payload: unknown) => take(event, payload));
    const listed = await listAll(socket);
    if (opens) mirror.opened.push(...listed.map(({ id }) => id));
    const view = await fetchView(socket, mirror.opened);
    mirror.#adopt(view);
    take = (event, payload) => mirror.#take(event, payload);
    for (const [event, payload] of early) mirror.#take(event, payload);
    return mirror;
  }

  #adopt({ conversations, entries, receipts, colleagues, offers }: View): void {
    for (const [id, until] of Object.entries(offers)) this.#offers.set(id, until);
    for (const conversation of conversations) this.#told.set(conversation.id, conversation);
    for (const list of Object.values(entries)) {
      const asOf = list.at(-1)?.seq ?? 0;
      for (const entry of list) this.#log(entry.conversationId, entry.audience).set(entry.seq, { entry, asOf });
    }
    for (const [id, list] of Object.entries(receipts)) for (const receipt of list) this.#receipt(id, receipt);
    for (const colleague of colleagues) this.#colleagues.set(colleague.id, colleague);
  }

  #log(conversationId: string, audience: Audience): Log {
    const key = timelineOf(conversationId, audience);
    const log = this.#logs.get(key) ?? new Map();
    this.#logs.set(key, log);
    return log;
  }

  #receipt(id: string, { audience, actor, deliveredSeq, readSeq }: Receipt): void {
    const of = this.#receipts.get(id) ?? new Map<string, Receipt>();
    this.#receipts.set(id, of);
    of.set(`${audience}/${actor.id}`, { audience, actor: { kind: actor.kind, id: actor.id }, deliveredSeq, readSeq });
  }

  /** How far this mirror holds a timeline without a gap. */
  #heldSeq(id: string, audience: Audience): number {
    const told = this.#told.get(id);
    const log = this.#log(id, audience);
    let seq = this.opened.includes(id) ? 0 : ((audience === "public" ? told?.publicSeq : told?.internalSeq) ?? 0);
    while (log.has(seq + 1)) seq += 1;
    return seq;
  }

  #take(event: string, payload: any): void {
    if (event === "conversation:updated" || event === "conversation:assigned") this.#hear(payload.conversation);
    else if (event === "entry:appended") {
      const { entry } = payload as { entry: Entry };
      if (!this.#told.has(entry.conversationId)) return;
      const log = this.#log(entry.conversationId, entry.audience);
      if (!log.has(entry.seq)) log.set(entry.seq, { entry, asOf: entry.seq });
      this.#pull({ conversationId: entry.conversationId, audience: entry.audience, headSeq: entry.seq });
    } else if (event === "timeline:head") this.#pull(payload as Head);
    else if (event === "receipt:recorded") {
      const recorded = payload as Recorded;
      this.#receipt(recorded.conversationId, recorded);
      // Without the timelines nobody can say what that leaves unread.
      const mine = recorded.actor.id === this.socket.ready?.actor.id;
      if (mine && !this.opened.includes(recorded.conversationId)) this.#relist();
    } else if (event === "presence:changed") this.#meet(payload as Present);
    else if (event === "conversation:offered") this.#offers.set(payload.conversation.id, payload.expiresAt);
    else if (event === "offer:ended") this.#offers.delete(payload.conversationId);
    else if (event === "conversation:removed") this.#forget(payload.conversationId);
  }

  #meet({ actor, presence, availability, also = [] }: Present): void {
    const known = this.#colleagues.get(actor.id);
    if (known) this.#colleagues.set(actor.id, { ...known, presence, ...(availability && { availability }) });
    for (const other of also) this.#meet(other);
  }

  #forget(conversationId: string): void {
    this.opened = this.opened.filter((id) => id !== conversationId);
    this.#told.delete(conversationId);
    this.#receipts.delete(conversationId);
    for (const audience of ["public", "internal"] as const) this.#logs.delete(timelineOf(conversationId, audience));
  }

  #hear(conversation: Conversation): void {
    const held = this.#told.get(conversation.id);
    const reach = ({ publicSeq, internalSeq = 0 }: Conversation) => publicSeq + internalSeq;
    const older =
      held &&
      (conversation.version < held.version ||
        (conversation.version === held.version && reach(conversation) < reach(held)));
    if (!older) this.#told.set(conversation.id, { ...(held && { unread: held.unread }), ...conversation });
    for (const audience of ["public", "internal"] as const) {
      const headSeq = audience === "public" ? conversation.publicSeq : conversation.internalSeq;
      if (headSeq !== undefined && this.opened.includes(conversation.id))
        this.#pull({ conversationId: conversation.id, audience, headSeq });
    }
  }

  #pull({ conversationId, audience, headSeq }: Head): void {
    this.#then(async () => {
      if (!this.#told.has(conversationId)) return this.#fetchList();
      const afterSeq = this.#heldSeq(conversationId, audience);
      if (afterSeq >= headSeq) return;
      const { timelines } = await ask(this.socket, "conversation:sync", {
        cursors: [{ conversationId, audience, afterSeq }],
      });
      const { entries, headSeq: asOf } = timelines[0] as Timeline;
      const log = this.#log(conversationId, audience);
      for (const entry of entries) log.set(entry.seq, { entry, asOf });
    });
  }

  #relist(): void {
    this.#then(() => this.#fetchList());
  }

  async #fetchList(): Promise<void> {
    for (const conversation of await listAll(this.socket)) this.#hear(conversation);
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(work);
  }

  /** Resolves when what was told so far has arrived and what it asked to be pulled is there. */
  async settled(): Promise<void> {
    for (let before: unknown; before !== this.#work;) {
      await this.socket.command("conversation:list", { limit: 1 });
      before = this.#work;
      await before;
    }
  }

  #unread(told: Conversation): number {
    const me = this.socket.ready?.actor.id;
    const opened = this.opened.includes(told.id);
    let unread = opened ? 0 : told.unread;
    for (const audience of ["public", "internal"] as const) {
      const readSeq = this.#receipts.get(told.id)?.get(`${audience}/${me}`)?.readSeq ?? 0;
      const head = audience === "public" ? told.publicSeq : (told.internalSeq ?? 0);
      const from = opened ? readSeq : Math.max(head, readSeq);
      for (const entry of applied(this.#log(told.id, audience)).values())
        if (entry.seq > from && entry.kind === "message" && !entry.deletedAt && entry.author.id !== me) unread += 1;
    }
    return Math.min(unread, mostUnread);
  }

  /** What it would show now. */
  view(): View {
    const view: View = {
      conversations: [],
      entries: {},
      receipts: {},
      colleagues: sortById([...this.#colleagues.values()]),
      offers: Object.fromEntries(this.#offers),
    };
    for (const told of this.#told.values()) {
      const logs = { public: this.#log(told.id, "public"), internal: this.#log(told.id, "internal") };
      view.conversations.push({ ...broughtUp(told, logs), unread: this.#unread(told) });
    }
    view.conversations.sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const id of this.opened) {
      for (const audience of ["public", "internal"] as const) {
        if (audience === "internal" && this.socket.options.namespace === "/widget") continue;
        view.entries[timelineOf(id, audience)] = [...applied(this.#log(id, audience)).values()];
      }
      view.receipts[id] = sortReceipts([...(this.#receipts.get(id)?.values() ?? [])]);
    }
    return view;
  }
}
