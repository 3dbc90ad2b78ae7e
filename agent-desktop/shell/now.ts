import { useSyncExternalStore } from "react";
import { useClientState } from "../session/client-context.tsx";

const tickMs = 10_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

const tick = () => {
  now = Date.now();
  for (const listener of listeners) listener();
};

// One timer for all that tick, and none when nothing does.
const subscribe = (listener: () => void) => {
  if (listeners.size === 0) {
    now = Date.now();
    timer = setInterval(tick, tickMs);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
};

/** The server's time in milliseconds, moving every ten seconds: a wrong clock here must not show a wrong wait. */
export const useNow = (): number => {
  const offset = useClientState((state) => state.session.clockOffsetMs);
  return useSyncExternalStore(subscribe, () => now) + offset;
};
