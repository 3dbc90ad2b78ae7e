import type { Audience } from "../../server/contract/entities.ts";
import type { Action } from "./actions.ts";
import { toParleyError } from "./errors.ts";
import type { AnyRequest } from "./requests.ts";
import { actorKey, audiencesOf, isMine, timelineKey } from "./state.ts";
import type { ClientState, TimelineKey } from "./state.ts";

/** At most one receipt per timeline in this time. */
const receiptMs = 300;
const retryMs = 5000;
/** A typing signal is repeated while it lasts; the others let it go after about twice this. */
const typingRepeatMs = 3000;

type Options = {
  getState: () => ClientState;
  dispatch: (action: Action) => void;
  request: AnyRequest;
  /** Say `delivered` by itself for everything that arrives. */
  reportDelivery: boolean;
};

type Wanted = {
  deliveredSeq: number;
  readSeq: number;
  /** What the server has acked. */
  told: { deliveredSeq: number; readSeq: number };
  timer?: ReturnType<typeof setTimeout> | undefined;
};

export type Receipts = {
  /** Reports what arrived since; called after every change with the state before it. */
  check: (before: ClientState) => void;
  read: (conversationId: string, audience?: Audience) => void;
  /** A new session: sends what the last one did not. */
  resume: () => void;
  stop: () => void;
};

/** Delivered at once for what arrives, read when told, both as cursors that only move forward. */
export const createReceipts = ({ getState, dispatch, request, reportDelivery }: Options): Receipts => {
  const wanted = new Map<TimelineKey, Wanted>();
  let stopped = false;

  const own = (key: TimelineKey) => {
    const { session, receipts } = getState();
    return session.actor && receipts[key]?.[actorKey(session.actor)];
  };

  const of = (key: TimelineKey): Wanted => {
    let held = wanted.get(key);
    if (!held) wanted.set(key, (held = { deliveredSeq: 0, readSeq: 0, told: { deliveredSeq: 0, readSeq: 0 } }));
    return held;
  };

  const untold = ({ deliveredSeq, readSeq, told }: Wanted) => ({
    ...(deliveredSeq > Math.max(told.deliveredSeq, readSeq) && { deliveredSeq }),
    ...(readSeq > told.readSeq && { readSeq }),
  });

  /** Returns how long to pause before the next one, in milliseconds. */
  const send = async (key: TimelineKey, want: Wanted): Promise<number> => {
    const timeline = getState().timelines[key];
    const fields = untold(want);
    if (!timeline || Object.keys(fields).length === 0) return receiptMs;
    const { conversationId, audience } = timeline;
    const told = { deliveredSeq: Math.max(want.deliveredSeq, want.readSeq), readSeq: want.readSeq };
    try {
      await request("receipt:record", { conversationId, ...(audience === "internal" && { audience }), ...fields });
    } catch (error) {
      if (toParleyError(error).retryable) return retryMs;
    }
    // A receipt refused for good is not said again either.
    want.told = told;
    return receiptMs;
  };

  const schedule = (key: TimelineKey, want: Wanted) => {
    if (want.timer !== undefined || getState().session.status !== "online") return;
    if (Object.keys(untold(want)).length === 0) return;
    want.timer = setTimeout(() => {
      void send(key, want).then((pauseMs) => {
        // The pause after a receipt is what coalesces the next ones.
        const next = () => {
          want.timer = undefined;
          schedule(key, want);
        };
        if (stopped) want.timer = undefined;
        else want.timer = setTimeout(next, pauseMs);
      });
    }, 0);
  };

  const check: Receipts["check"] = (before) => {
    const state = getState();
    if (!reportDelivery || state.timelines === before.timelines) return;
    for (const [name, timeline] of Object.entries(state.timelines)) {
      const key = name as TimelineKey;
      if (timeline === before.timelines[key]) continue;
      const last = timeline.entries.at(-1);
      const known = Math.max(own(key)?.deliveredSeq ?? 0, wanted.get(key)?.deliveredSeq ?? 0);
      if (!last || timeline.heldSeq <= known) continue;
      const fresh = timeline.entries.slice(Math.max(0, known + 1 - timeline.entries[0]!.seq));
      if (!fresh.some((entry) => entry.kind === "message" && !isMine(state, entry.author))) continue;
      const want = of(key);
      want.deliveredSeq = timeline.heldSeq;
      schedule(key, want);
    }
  };

  return {
    check,
    read: (conversationId, audience) => {
      const state = getState();
      for (const each of audience ? [audience] : audiencesOf(state)) {
        const key = timelineKey(conversationId, each);
        const timeline = state.timelines[key];
        const actor = state.session.actor;
        if (!timeline || !actor || timeline.heldSeq === 0) continue;
        const held = own(key);
        if ((held?.readSeq ?? 0) >= timeline.heldSeq) continue;
        const { id, kind } = actor;
        const seqs = { deliveredSeq: timeline.heldSeq, readSeq: timeline.heldSeq };
        const unread = timeline.entries.some(
          (entry) => entry.seq > (held?.readSeq ?? 0) && entry.kind === "message" && !isMine(state, entry.author),
        );
        dispatch({ type: "receipt", conversationId, receipt: { audience: each, actor: { kind, id }, ...seqs } });
        if (!unread && timeline.entries.length > 0) continue;
        const want = of(key);
        want.readSeq = timeline.heldSeq;
        schedule(key, want);
      }
    },
    resume: () => {
      stopped = false;
      for (const [key, want] of wanted) schedule(key, want);
    },
    stop: () => {
      stopped = true;
      for (const want of wanted.values()) clearTimeout(want.timer);
      wanted.clear();
    },
  };
};

export type Typing = {
  set: (conversationId: string, typing: boolean, audience?: Audience) => void;
  /** Forgets typing old enough to be over; called after every change. */
  check: () => void;
  stop: () => void;
};

/** Tells others while this person types, and lets go of what others told when it is not repeated. */
export const createTyping = ({ getState, dispatch, request }: Options): Typing => {
  const told = new Map<TimelineKey, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  const check = () => {
    if (timer !== undefined) return;
    const until = Object.values(getState().typing).flatMap((typists) => typists.map(({ untilMs }) => untilMs));
    if (until.length === 0) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        dispatch({ type: "ticked", nowMs: Date.now() });
      },
      Math.max(50, Math.min(...until) - Date.now() + 10),
    );
  };

  return {
    check,
    set: (conversationId, typing, audience = "public") => {
      const key = timelineKey(conversationId, audience);
      const last = told.get(key);
      if (typing ? last !== undefined && Date.now() - last < typingRepeatMs : last === undefined) return;
      if (typing) told.set(key, Date.now());
      else told.delete(key);
      if (getState().session.status !== "online" || conversationId.startsWith("new:")) return;
      const payload = { conversationId, typing, ...(audience === "internal" && { audience }) };
      // A lost typing signal is worth nothing a moment later.
      request("typing:set", payload).catch(() => {});
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
      told.clear();
    },
  };
};
