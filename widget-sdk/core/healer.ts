import type { Timeline as WireTimeline } from "../../server/contract/entities.ts";
import type { Action } from "./actions.ts";
import { askedWaitMs, backoffMs } from "./backoff.ts";
import { toParleyError } from "./errors.ts";
import type { AnyRequest } from "./requests.ts";
import { timelineKey } from "./state.ts";
import type { ClientState, Timeline, TimelineKey } from "./state.ts";
import { farBehind, lacksEntries } from "./timeline.ts";

/** The wire's bound on one sync. */
const syncCursors = 200;
const reopenAtOnce = 4;
/** So many syncs may bring nothing before the timeline is fetched afresh. */
const emptySyncs = 4;

export type Healer = {
  /** Looks whether anything is lacking and pulls it soon. Cheap; called after every change. */
  check: () => void;
  /**
   * A new session: what is open is opened again. It subscribes what the server has not by itself, and brings the receipts
   * that were recorded meanwhile, which no sync carries. The entries themselves are pulled by sync.
   */
  resume: () => void;
  open: (conversationId: string, options?: { limit?: number; replace?: boolean }) => Promise<void>;
  release: (conversationId: string) => void;
  stop: () => void;
};

type Options = {
  getState: () => ClientState;
  dispatch: (action: Action) => void;
  request: AnyRequest;
  random: () => number;
};

/**
 * Keeps timelines whole: one `conversation:sync` at a time for everything that lacks something, repeated while heads say
 * that more remains. Live entries that merely overtook one another settle by themselves in the moment before it asks.
 */
export const createHealer = ({ getState, dispatch, request, random }: Options): Healer => {
  const opening = new Map<string, Promise<void>>();
  /** Let go while they were being opened. */
  const released = new Set<string>();
  const reopen = new Set<string>();
  const empty = new Map<TimelineKey, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = false;
  let failures = 0;

  const online = () => getState().session.status === "online";

  const lacking = () =>
    Object.values(getState().timelines).filter(
      (timeline) => lacksEntries(timeline) && !opening.has(timeline.conversationId),
    );

  const drop = (conversationId: string, forget: boolean) => {
    released.add(conversationId);
    reopen.delete(conversationId);
    dispatch({ type: "dropped", conversationId, forget });
  };

  const open: Healer["open"] = (conversationId, { limit, replace = false } = {}) => {
    released.delete(conversationId);
    const known = opening.get(conversationId);
    if (known) return known;
    const opened = (async () => {
      const payload = { conversationId, ...(limit !== undefined && { limit }) };
      const { conversation, entries, receipts } = await request("conversation:open", payload);
      if (released.has(conversationId)) return;
      reopen.delete(conversationId);
      dispatch({ type: "opened", conversation, entries, receipts, replace });
    })();
    const done = opened.finally(() => {
      opening.delete(conversationId);
      schedule();
    });
    opening.set(conversationId, done);
    return done;
  };

  /** Opens what a new session has to, or what is too far behind to be worth pulling. */
  const openAgain = async (
    conversationId: string,
    options: { limit?: number; replace?: boolean },
  ): Promise<boolean> => {
    try {
      await open(conversationId, options);
      return true;
    } catch (error) {
      const { code, retryable } = toParleyError(error);
      if (!retryable) drop(conversationId, code === "not_found" || code === "permission_denied");
      return !retryable;
    }
  };

  const openMany = async (ids: string[], options: { limit?: number; replace?: boolean }): Promise<boolean> => {
    const results = await Promise.all(ids.slice(0, reopenAtOnce).map((id) => openAgain(id, options)));
    return results.every(Boolean);
  };

  const take = (asked: Timeline, answer: WireTimeline | undefined): "progress" | "nothing" | "afresh" => {
    const key = timelineKey(asked.conversationId, asked.audience);
    if (!answer || answer.resync) return "afresh";
    dispatch({ type: "synced", timeline: answer });
    const held = getState().timelines[key];
    if (held && lacksEntries(held) && held.heldSeq <= asked.heldSeq) return "nothing";
    empty.delete(key);
    return "progress";
  };

  /** Counts a sync that brought nothing at all; true when it is time to fetch the timeline afresh. */
  const countEmpty = ({ conversationId, audience }: Timeline): boolean => {
    const key = timelineKey(conversationId, audience);
    const times = (empty.get(key) ?? 0) + 1;
    if (times < emptySyncs) empty.set(key, times);
    else empty.delete(key);
    return times >= emptySyncs;
  };

  /** One sync for `timelines`; false when nothing came of it and asking again at once would be no use. */
  const pull = async (timelines: Timeline[]): Promise<boolean> => {
    const cursors = timelines.map(({ conversationId, audience, heldSeq }) => ({
      conversationId,
      audience,
      afterSeq: heldSeq,
    }));
    let answers: WireTimeline[];
    try {
      answers = (await request("conversation:sync", { cursors })).timelines;
    } catch (error) {
      const { code, details } = toParleyError(error);
      if (code !== "not_found" && code !== "permission_denied") throw error;
      // The refusal names what is out of reach; it must not keep the others from healing.
      const named = details?.["conversationIds"];
      const gone = timelines.filter(({ conversationId }) => !Array.isArray(named) || named.includes(conversationId));
      return openMany(
        gone.map(({ conversationId }) => conversationId),
        { replace: true },
      );
    }
    const byKey = new Map(answers.map((answer) => [timelineKey(answer.conversationId, answer.audience), answer]));
    const results = timelines.map((asked) => ({
      asked,
      result: take(asked, byKey.get(timelineKey(asked.conversationId, asked.audience))),
    }));
    // An answer holds only so much: where it brought something, whoever got nothing is served by the next ones.
    const progress = results.some(({ result }) => result === "progress");
    const afresh = results
      .filter(({ asked, result }) => result === "afresh" || (result === "nothing" && !progress && countEmpty(asked)))
      .map(({ asked }) => asked.conversationId);
    // A fresh page is no progress by itself: a server that keeps asking for one must not be asked in a tight circle.
    for (const conversationId of new Set(afresh)) await openAgain(conversationId, { replace: true });
    return progress;
  };

  const run = async () => {
    running = true;
    let again = false;
    let asked = 0;
    try {
      while (online()) {
        const far = lacking().filter(({ headSeq, heldSeq }) => headSeq - heldSeq > farBehind);
        const near = lacking().filter(({ headSeq, heldSeq }) => headSeq - heldSeq <= farBehind);
        let progress = true;
        if (reopen.size > 0) progress = await openMany([...reopen], { limit: 1 });
        else if (far.length > 0)
          progress = await openMany(
            far.map((one) => one.conversationId),
            { replace: true },
          );
        else if (near.length > 0) progress = await pull(near.slice(0, syncCursors));
        else break;
        again = !progress;
        if (again) break;
        failures = 0;
      }
    } catch (error) {
      again = true;
      asked = askedWaitMs(toParleyError(error).details);
    }
    running = false;
    if (again) schedule(Math.max(asked, backoffMs(failures++, random, 200, 10_000)));
    else schedule();
  };

  const schedule = (ms = 30 + random() * 70) => {
    if (running || timer !== undefined || !online()) return;
    if (reopen.size === 0 && lacking().length === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (!running && online()) void run();
    }, ms);
  };

  return {
    check: () => schedule(),
    open,
    resume: () => {
      clearTimeout(timer);
      timer = undefined;
      failures = 0;
      empty.clear();
      reopen.clear();
      for (const { opened, conversationId } of Object.values(getState().timelines)) {
        if (opened) reopen.add(conversationId);
      }
      schedule(random() * 50);
    },
    release: (conversationId) => {
      drop(conversationId, false);
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
};
