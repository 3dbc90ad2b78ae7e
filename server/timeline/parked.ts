type Lane<Row> = {
  rows: Row[];
  /** How often it was passed over so far. */
  times: number;
  since: number;
  dueAt: number;
  /** Some of its rows are being tried again. */
  underWay: boolean;
};

/** Rows that wait for what somebody else has locked: by key, each for itself, in their order. */
export type Parked<Row> = {
  readonly size: number;
  has: (key: string) => boolean;
  /** Takes rows that come behind others of their key. Answers those there is no room for. */
  add: (key: string, rows: Row[]) => Row[];
  /** Takes rows whose key was found locked, for the first time or again. Answers those that have waited in vain. */
  passOver: (key: string, rows: Row[]) => Row[];
  /** The rows that are to be tried again now. Each key of theirs is then either passed over again or let go. */
  takeDue: (most: number) => Row[];
  /** Nobody holds the key any more. Answers what waited behind the rows that were tried. */
  letGo: (key: string) => Row[];
  /** In how many milliseconds something is due; undefined while nothing waits. */
  dueInMs: () => number | undefined;
};

// A holder that hangs is ended by its time-outs well within this.
const patienceMs = 5_000;
const mostKeys = 2_000;
const mostRowsOfKey = 500;
const slowestMs = 100;
/** From here on it is no ordinary neighbour that holds it, and its oldest row alone is sent to see whether it still does. */
const longHeld = 6;

/**
 * Whatever holds a row is mostly over within a millisecond: another node's batch, or somebody's action. So rows are tried
 * again with the next batch, and then at growing distances. Asking costs next to nothing and occupies no connection, and all
 * that wait together never ask more often than about a thousand times a second.
 */
export const createParked = <Row>(now: () => number = Date.now): Parked<Row> => {
  const lanes = new Map<string, Lane<Row>>();

  return {
    get size() {
      return lanes.size;
    },
    has: (key) => lanes.has(key),
    add: (key, rows) => {
      const lane = lanes.get(key)!;
      const room = Math.max(0, mostRowsOfKey - lane.rows.length);
      lane.rows.push(...rows.slice(0, room));
      return rows.slice(room);
    },
    passOver: (key, rows) => {
      const lane = lanes.get(key) ?? { rows: [], times: 0, since: now(), dueAt: 0, underWay: false };
      lane.rows.unshift(...rows);
      lane.times += 1;
      lane.underWay = false;
      // Behind the others, so that all get their turn where many wait.
      lanes.delete(key);
      if (now() - lane.since >= patienceMs || lanes.size >= mostKeys) return lane.rows;
      const pauseMs = lane.times === 1 ? 0 : Math.min(2 ** (lane.times - 2), Math.max(slowestMs, lanes.size));
      lane.dueAt = now() + pauseMs;
      lanes.set(key, lane);
      return lane.rows.splice(mostRowsOfKey);
    },
    takeDue: (most) => {
      const due: Row[] = [];
      const time = now();
      for (const lane of lanes.values()) {
        if (lane.underWay || lane.dueAt > time) continue;
        const tried = lane.rows.splice(0, lane.times >= longHeld ? 1 : most - due.length);
        due.push(...tried);
        lane.underWay = true;
        if (due.length >= most) break;
      }
      return due;
    },
    letGo: (key) => {
      const rows = lanes.get(key)?.rows ?? [];
      lanes.delete(key);
      return rows;
    },
    dueInMs: () => {
      let first = Infinity;
      for (const lane of lanes.values()) first = Math.min(first, lane.dueAt);
      return first === Infinity ? undefined : Math.max(0, first - now());
    },
  };
};
