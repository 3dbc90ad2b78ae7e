import type { Audience, Entry, Timeline } from "../../server/contract/index.ts";
import { keyOf, show } from "./recording.ts";
import type { Recording, TimelineKey } from "./recording.ts";

type Live = { shown: number; waiting: Map<number, Entry>; headSeq: number; stale: boolean };

export type Cursor = { conversationId: string; audience: Audience; afterSeq: number };

type Options = {
  recording: Recording;
  /** Asks the server for what comes after `cursors`; undefined when it can't be asked now. */
  pull: (cursors: Cursor[]) => Promise<Timeline[] | undefined>;
  /** Told after everything that changed. */
  changed: () => void;
};

/**
 * The part of a client that keeps timelines whole: entries are shown by `seq` alone, whatever the order they come in,
 * and what is lacking is pulled. What the server gets wrong is remarked in the recording.
 */
export class Follower {
  readonly #options: Options;
  readonly #timelines = new Map<TimelineKey, Live>();
  #pulling = false;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: Options) {
    this.#options = options;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  readonly conversationIds = new Set<string>();

  shownSeq(conversationId: string, audience: Audience): number {
    return this.#timelines.get(keyOf(conversationId, audience))?.shown ?? 0;
  }

  /** True when everything that was heard of is shown. */
  get whole(): boolean {
    return [...this.#timelines.values()].every(({ shown, headSeq, stale }) => !stale && shown >= headSeq);
  }

  describe(): string {
    const lacking = [...this.#timelines].filter(([, { shown, headSeq, stale }]) => stale || shown < headSeq);
    const some = lacking.slice(0, 4).map(([key, { shown, headSeq }]) => `${key} ${shown}/${headSeq}`);
    return `${this.#timelines.size} timelines, ${lacking.length} lacking ${some.join(", ")}`;
  }

  /** The connection is new: anything may have happened in between, so everything is asked for once. */
  doubt(): void {
    for (const live of this.#timelines.values()) live.stale = true;
    this.#pullSoon();
  }

  hearHead(conversationId: string, audience: Audience, headSeq: number): void {
    const live = this.#timeline(keyOf(conversationId, audience));
    live.headSeq = Math.max(live.headSeq, headSeq);
    if (live.shown < live.headSeq) this.#pullSoon();
  }

  take(entry: Entry): void {
    const { recording } = this.#options;
    const key = keyOf(entry.conversationId, entry.audience);
    const live = this.#timeline(key);
    live.headSeq = Math.max(live.headSeq, entry.seq);
    const held = recording.view.get(key)?.get(entry.seq) ?? live.waiting.get(entry.seq);
    // An entry may come twice, live and pulled, but never as another one.
    if (held && held.id !== entry.id)
      recording.remarks.push(`${key}: ${entry.seq} was ${held.id} and came again as ${entry.id}`);
    if (entry.seq > live.shown) live.waiting.set(entry.seq, entry);
    for (let next = live.waiting.get(live.shown + 1); next; next = live.waiting.get(live.shown + 1)) {
      live.waiting.delete(next.seq);
      live.shown = next.seq;
      show(recording, next);
    }
    if (live.shown < live.headSeq) this.#pullSoon();
    this.#options.changed();
  }

  #timeline(key: TimelineKey): Live {
    let live = this.#timelines.get(key);
    if (!live) {
      live = { shown: 0, waiting: new Map(), headSeq: 0, stale: false };
      this.#timelines.set(key, live);
      this.conversationIds.add(key.slice(0, 36));
    }
    return live;
  }

  // A moment's patience: what is lacking is often on its way already.
  #pullSoon(ms = 30): void {
    if (this.#pulling || this.#timer || this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#pullAll();
    }, ms);
  }

  async #pullAll(): Promise<void> {
    this.#pulling = true;
    let again = false;
    try {
      for (;;) {
        const lacking = [...this.#timelines]
          .filter(([, { shown, headSeq, stale }]) => stale || shown < headSeq)
          .slice(0, 200)
          .map(([key, { shown, headSeq }]) => ({
            conversationId: key.slice(0, 36),
            audience: key.slice(37) as Audience,
            afterSeq: shown,
            knownHead: headSeq,
          }));
        if (lacking.length === 0 || this.#stopped) break;
        const timelines = await this.#options.pull(lacking.map(({ knownHead: _head, ...cursor }) => cursor));
        again = timelines === undefined;
        if (!timelines || !this.#accept(lacking, timelines)) break;
      }
    } finally {
      this.#pulling = false;
      if (again) this.#pullSoon(200);
      this.#options.changed();
    }
  }

  /** Takes what a sync answered; false, with a remark, when it broke its promise, so that nobody asks for ever. */
  #accept(asked: (Cursor & { knownHead: number })[], timelines: Timeline[]): boolean {
    const { remarks } = this.#options.recording;
    for (const { conversationId, audience, afterSeq, knownHead } of asked) {
      const key = keyOf(conversationId, audience);
      const live = this.#timeline(key);
      const told = timelines.find((one) => one.conversationId === conversationId && one.audience === audience);
      live.stale = false;
      const seqs = told?.entries.map(({ seq }) => seq) ?? [];
      if (!told) remarks.push(`sync says nothing of ${key}`);
      else if (told.resync) remarks.push(`sync asks for a resync of ${key} after ${afterSeq}`);
      else if (seqs.some((seq, index) => seq !== afterSeq + 1 + index)) {
        remarks.push(`sync of ${key} after ${afterSeq} came with ${seqs.join(", ")}`);
      } else if (seqs.length === 0 && told.headSeq > afterSeq) {
        remarks.push(`sync of ${key} after ${afterSeq} came empty and tells head ${told.headSeq}`);
      } else if (told.headSeq < knownHead) {
        remarks.push(`sync of ${key} tells head ${told.headSeq}; ${knownHead} was told before`);
      } else {
        for (const entry of told.entries) this.take(entry);
        live.headSeq = Math.max(live.headSeq, told.headSeq);
        continue;
      }
      return false;
    }
    return true;
  }
}
