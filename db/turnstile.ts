/** Lets so many through at once; who waits is served in turn by line, whatever the length of each. */
export type Turnstile = {
  /**
   * Resolves with the way out, once there is room. Some places are kept for those who name themselves `urgent`. Rejects after
   * the turnstile's patience.
   */
  enter: (line: string, urgent?: boolean) => Promise<() => void>;
};

type Waiter = { enter: () => void; alarm: NodeJS.Timeout };
type Line = { urgent: boolean; waiters: Waiter[] };

type Options = {
  places: number;
  /** Of them, only for what is urgent. */
  kept: number;
  /** How many of one line may be inside at once; what is urgent is not counted. */
  mostPerLine: number;
  patienceMs: number;
};

/**
 * A pool of connections serves whoever asked first, so a thousand requests of one tenant stand before one of another, and
 * requests that all wait for one lock leave none for anybody. Here each tenant has a line, the lines take turns, and `kept`
 * places are only for what is urgent. A line's own limit leaves room for others even while each of its requests takes long.
 * Costs nothing while there is room.
 */
export const createTurnstile = ({ places, kept, mostPerLine, patienceMs }: Options): Turnstile => {
  /** Lines in which somebody waits, the next to be served first: a map keeps that order. */
  const lines = new Map<string, Line>();
  let inside = 0;
  let urgentInside = 0;

  const insideOf = new Map<string, number>();

  const hasRoom = (name: string, urgent: boolean) =>
    inside < places && (urgent || (inside - urgentInside < places - kept && (insideOf.get(name) ?? 0) < mostPerLine));

  const count = (name: string, step: 1 | -1) => {
    const now = (insideOf.get(name) ?? 0) + step;
    if (now > 0) insideOf.set(name, now);
    else insideOf.delete(name);
  };

  const goIn = (name: string, urgent: boolean): (() => void) => {
    inside += 1;
    count(name, 1);
    urgentInside += Number(urgent);
    let left = false;
    return () => {
      // Leaving twice must not make room twice.
      if (left) return;
      left = true;
      inside -= 1;
      count(name, -1);
      urgentInside -= Number(urgent);
      callNext();
    };
  };

  const callNext = (): void => {
    const inTurn = [...lines].toSorted(([, a], [, b]) => Number(b.urgent) - Number(a.urgent));
    for (const [name, line] of inTurn) {
      if (!hasRoom(name, line.urgent)) continue;
      const next = line.waiters.shift()!;
      lines.delete(name);
      // Behind the others.
      if (line.waiters.length > 0) lines.set(name, line);
      clearTimeout(next.alarm);
      next.enter();
      return;
    }
  };

  const giveUp = (name: string, waiter: Waiter) => {
    const line = lines.get(name);
    if (!line) return;
    line.waiters = line.waiters.filter((one) => one !== waiter);
    if (line.waiters.length === 0) lines.delete(name);
  };

  return {
    enter: (name, urgent = false) => {
      if (hasRoom(name, urgent)) return Promise.resolve(goIn(name, urgent));
      return new Promise((resolve, reject) => {
        const waiter: Waiter = {
          enter: () => resolve(goIn(name, urgent)),
          alarm: setTimeout(() => {
            giveUp(name, waiter);
            reject(new Error("timeout exceeded when waiting for a database connection"));
          }, patienceMs),
        };
        const line = lines.get(name);
        if (line) line.waiters.push(waiter);
        else lines.set(name, { urgent, waiters: [waiter] });
      });
    },
  };
};
