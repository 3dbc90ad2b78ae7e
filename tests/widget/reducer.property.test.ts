import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reduce } from "../../widget-sdk/core/reducer.ts";
import { initialState, timelineKey } from "../../widget-sdk/core/state.ts";
import type { ClientState } from "../../widget-sdk/core/state.ts";
import { firstSeq, lacksEntries } from "../../widget-sdk/core/timeline.ts";
import type { Action } from "../../widget-sdk/core/actions.ts";
import { conversationId, me, normal, ready, ServerTimeline, write } from "./model.ts";

const key = timelineKey(conversationId, "public");
const pageSize = 4;

/** What may happen, in any order: writes, live events early, late, twice or never, and fetches answered at any moment. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("write" as const), what: write, live: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("deliver" as const), index: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("head" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("askSync" as const, "askHistory" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("askOpen" as const), replace: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("serve" as const), index: fc.nat(5) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("answer" as const), index: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reconnect" as const), told: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("read" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** The page of an empty conversation, served before its first message and arriving after a session was told of that one. */
const overtakenByReconnect: Step[] = [
  { do: "askOpen", replace: false },
  { do: "serve", index: 0 },
  { do: "write", what: { type: "message", by: "me" }, live: false },
  { do: "reconnect", told: false },
  { do: "reconnect", told: true },
];

class Run {
  readonly server = new ServerTimeline();
  state: ClientState = initialState;
  readSeq = 0;
  readonly asked: (() => Action)[] = [];
  readonly served: Action[] = [];

  dispatch(action: Action): void {
    const before = this.timeline;
    this.state = reduce(this.state, action);
    const after = this.timeline;
    if (!after) return;
    const seqs = after.entries.map(({ seq }) => seq);
    assert(
      seqs.every((seq, index) => seq === seqs[0]! + index),
      `a gap is shown: ${seqs.join(", ")}`,
    );
    if (seqs.length > 0) assert.equal(after.heldSeq, seqs.at(-1));
    assert(after.headSeq >= after.heldSeq, "the head lies below what is held");
    assert(
      after.early.every(({ seq }) => seq > after.heldSeq + 1),
      "an entry waits though it is next",
    );
    // Only a fresh page asked for on purpose may take back what was shown.
    if (before?.opened && !(action.type === "opened" && action.replace)) {
      assert(after.heldSeq >= before.heldSeq, "what was shown is taken back");
    }
  }

  get timeline() {
    return this.state.timelines[key];
  }

  open(replace: boolean): Action {
    const entries = this.server.fetch(this.server.headSeq - pageSize + 1);
    const actor = { kind: me.kind, id: me.id };
    const receipts = [{ audience: "public" as const, actor, deliveredSeq: this.readSeq, readSeq: this.readSeq }];
    return { type: "opened", conversation: this.server.conversation(this.readSeq), entries, receipts, replace };
  }

  sync(afterSeq: number): Action {
    const entries = this.server.fetch(afterSeq + 1, afterSeq + pageSize);
    return {
      type: "synced",
      timeline: { conversationId, audience: "public", entries, headSeq: this.server.headSeq },
    };
  }

  history(): (() => Action) | undefined {
    const { timeline } = this;
    if (!timeline) return undefined;
    const first = firstSeq(timeline);
    const asOf = timeline.heldSeq;
    return () => ({
      type: "paged",
      conversationId,
      audience: "public",
      entries: this.server.fetch(Math.max(1, first - pageSize), first - 1),
      asOf,
    });
  }

  step(one: Step): void {
    const { timeline, server } = this;
    switch (one.do) {
      case "write": {
        const entry = server.append(one.what);
        if (entry && one.live) this.dispatch({ type: "appended", entry: server.log[entry.seq - 1]! });
        break;
      }
      case "deliver": {
        const entry = server.log[one.index % Math.max(1, server.headSeq)];
        if (entry) this.dispatch({ type: "appended", entry });
        break;
      }
      case "head":
        this.dispatch({ type: "head", conversationId, audience: "public", headSeq: server.headSeq });
        break;
      case "askSync":
        if (timeline) this.asked.push(() => this.sync(timeline.heldSeq));
        break;
      case "askHistory": {
        const ask = this.history();
        if (ask) this.asked.push(ask);
        break;
      }
      case "askOpen":
        this.asked.push(() => this.open(one.replace));
        break;
      case "serve": {
        const [ask] = this.asked.splice(one.index % Math.max(1, this.asked.length), 1);
        if (ask) this.served.push(ask());
        break;
      }
      case "answer": {
        const [answer] = this.served.splice(one.index % Math.max(1, this.served.length), 1);
        if (answer) this.dispatch(answer);
        break;
      }
      case "reconnect":
        this.dispatch({ type: "offline" });
        this.dispatch({ type: "ready", ready: ready(one.told ? server.headSeq : undefined), nowMs: 0 });
        break;
      case "read":
        if (!timeline?.opened) break;
        this.readSeq = Math.max(this.readSeq, timeline.heldSeq);
        this.dispatch({
          type: "receipt",
          conversationId,
          receipt: { audience: "public", actor: me, deliveredSeq: this.readSeq, readSeq: this.readSeq },
        });
        break;
    }
  }

  /** What the client does by itself in the end: opens, pulls what is lacking, pages back to the start. */
  settle(): void {
    for (const answer of this.served.splice(0)) this.dispatch(answer);
    if (!this.timeline?.opened) this.dispatch(this.open(false));
    this.dispatch({ type: "head", conversationId, audience: "public", headSeq: this.server.headSeq });
    while (this.timeline && lacksEntries(this.timeline)) {
      const { heldSeq } = this.timeline;
      this.dispatch(this.sync(heldSeq));
      assert(this.timeline.heldSeq > heldSeq, "a sync brought nothing");
    }
    while (this.timeline && firstSeq(this.timeline) > 1) this.dispatch(this.history()!());
  }
}

describe("a timeline", () => {
  test("ends as a fresh fetch shows it, whatever was lost, doubled or overtaken, and never shows an entry before the one it follows", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
        const run = new Run();
        run.dispatch({ type: "ready", ready: ready(0), nowMs: 0 });
        for (const one of steps) run.step(one);
        run.settle();
        expect(normal(run.timeline!.entries)).toEqual(normal(run.server.fetch(1)));
        expect(run.timeline!.early).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  test("counts as unread what a fresh fetch counts, once all of it is loaded", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
        const run = new Run();
        run.dispatch({ type: "ready", ready: ready(0), nowMs: 0 });
        for (const one of steps) run.step(one);
        run.settle();
        const conversation = run.state.conversations[conversationId];
        expect(conversation?.unread).toBe(run.server.unreadAfter(run.readSeq));
        expect(conversation?.publicSeq).toBe(run.server.headSeq);
      }),
      { numRuns: 1000, examples: [[overtakenByReconnect]] },
    );
  });
});
