import { useCallback, useEffect, useRef, useState } from "react";
import { sentenceOf } from "./ask.ts";
import { RestError } from "./rest.ts";

export type Loaded<T> = {
  /** Undefined until it came for the first time; what was there stays while it is asked for again. */
  data: T | undefined;
  /** Why the last attempt failed. */
  problem: string | null;
  /** Whether the same may work later. */
  again: boolean;
  loading: boolean;
  reload: () => void;
  /** Puts in what an answer to a change said, without asking again. */
  put: (change: (held: T) => T) => void;
};

type Held<T> = { key: string; tries: number; data?: T; problem: string | null; again: boolean };

/** Fetches something for a page, again when `key` changes, and lets an answer go that comes too late. */
export const useLoaded = <T>(load: (signal: AbortSignal) => Promise<T>, key = ""): Loaded<T> => {
  const [held, setHeld] = useState<Held<T> | null>(null);
  const [tries, setTries] = useState(0);
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  });
  useEffect(() => {
    const leaving = new AbortController();
    latest.current(leaving.signal).then(
      (data) => leaving.signal.aborted || setHeld({ key, tries, data, problem: null, again: false }),
      (error: unknown) => {
        if (leaving.signal.aborted) return;
        const failed = { key, tries, problem: sentenceOf(error), again: error instanceof RestError && error.retryable };
        setHeld((before) => (before?.key === key ? { ...before, ...failed } : failed));
      },
    );
    return () => leaving.abort();
  }, [key, tries]);
  const reload = useCallback(() => setTries((count) => count + 1), []);
  const put = useCallback(
    (change: (data: T) => T) =>
      setHeld((before) => (before?.data === undefined ? before : { ...before, data: change(before.data) })),
    [],
  );
  // What was held for another key is nothing to show.
  const current = held?.key === key ? held : null;
  const loading = current?.tries !== tries;
  const failed = loading ? undefined : current;
  const { problem = null, again = false } = failed ?? {};
  return { data: current?.data, problem, again, loading, reload, put };
};
