import { isPassing } from "../../db/client.ts";
import { Refusal } from "../contract/errors.ts";
import { createParked } from "./parked.ts";

type Waiting<Row, Result> = { row: Row; resolve: (result: Result) => void; reject: (error: unknown) => void };

/** What became of a batch, once it is durable. */
export type Committed<Result> = {
  /** The places of rows for which nothing was done: somebody else has locked what they need. */
  passedOver: number[];
  /** Tells the others to the world, and answers in the order of the rows. */
  tell: () => Result[];
};

export type GroupCommit<Row, Result> = {
  /**
   * Resolves once the row's batch is committed. Rejects with `unavailable` when the database stays away, or what the row needs
   * stays locked.
   */
  submit: (row: Row) => Promise<Result>;
  /** Resolves when nothing is waiting or under way. */
  idle: () => Promise<void>;
};

type Options<Row, Result> = {
  /**
   * Commits a batch. Must never wait for a lock, since everybody's rows would wait with it, and must be safe to repeat: a
   * commit whose answer was lost is tried again.
   */
  commit: (rows: Row[]) => Promise<Committed<Result>>;
  /** What a row may find locked. Rows of one key are stored in the order in which they came. */
  keyOf: (row: Row) => string;
  mostRows: number;
  /** Beyond this many waiting rows a new one is refused: a queue that can't be worked off only makes everyone late. */
  mostWaiting?: number;
};

const retryDelays = [50, 150, 400, 1_000, 2_000];
/** Of a batch, what was passed over before: it must not crowd out what nobody holds up. */
const mostTriedAgain = 50;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const busy = () => new Refusal("unavailable", "This conversation is busy at the moment. Please try again.");

/**
 * Group commit: while one batch commits, the next gathers, so the database sets the pace and there is no timer. One batch at
 * a time: what is submitted in order is committed in order, and a batch costs the database a fixed part that two smaller
 * ones would pay twice. The first row after a pause waits for the end of the event-loop turn, in which everything that the
 * sockets brought has arrived. What somebody else has locked waits apart from the rest until it can be had.
 */
export const createGroupCommit = <Row, Result>(options: Options<Row, Result>): GroupCommit<Row, Result> => {
  const { commit, keyOf, mostRows, mostWaiting = 20_000 } = options;
  type One = Waiting<Row, Result>;
  type Stored = { passedOver: One[]; settle: () => void };
  const parked = createParked<One>();
  let waiting = 0;
  let whenIdle: (() => void)[] = [];

  /** Resolves with what settles the batch. A passing outage is waited out for some seconds; a row that can't be stored fails alone. */
  const store = async (batch: One[]): Promise<Stored> => {
    for (let attempt = 0; ; attempt++) {
      try {
        const { passedOver, tell } = await commit(batch.map(({ row }) => row));
        const left = new Set(passedOver);
        const stored = left.size === 0 ? batch : batch.filter((_, place) => !left.has(place));
        return {
          passedOver: passedOver.map((place) => batch[place]!),
          settle: () => {
            try {
              const results = tell();
              batch.forEach(({ resolve }, place) => left.has(place) || resolve(results[place]!));
            } catch (error) {
              for (const { reject } of stored) reject(error);
            }
          },
        };
      } catch (error) {
        const fail = (reason: unknown) => ({
          passedOver: [],
          settle: () => batch.forEach(({ reject }) => reject(reason)),
        });
        if (!isPassing(error)) return batch.length === 1 ? fail(error) : storeEach(batch);
        const delay = retryDelays[attempt];
        if (delay === undefined)
          return fail(new Refusal("unavailable", "The database can't be reached. Please try again."));
        await pause(delay);
      }
    }
  };

  const storeEach = async (batch: One[]): Promise<Stored> => {
    const settles: (() => void)[] = [];
    const passedOver: One[] = [];
    const locked = new Set<string>();
    for (const one of batch) {
      const key = keyOf(one.row);
      const stored = locked.has(key) ? { passedOver: [one], settle: () => {} } : await store([one]);
      settles.push(stored.settle);
      if (stored.passedOver.length === 0) continue;
      passedOver.push(one);
      locked.add(key);
    }
    return { passedOver, settle: () => settles.forEach((settle) => settle()) };
  };

  let queue: One[] = [];
  let running = false;
  let alarm: NodeJS.Timeout | undefined;

  const take = (most: number): One[] => {
    const taken = queue.length <= most ? queue : queue.slice(0, most);
    queue = taken === queue ? [] : queue.slice(most);
    return taken;
  };

  /** Parks what was passed over, with all that waits behind it, and lets go of what no longer is. Answers what has waited in vain. */
  const park = (tried: One[], passedOver: One[]): One[] => {
    const locked = new Map<string, One[]>();
    for (const one of passedOver) {
      const key = keyOf(one.row);
      const rows = locked.get(key);
      if (rows) rows.push(one);
      else locked.set(key, [one]);
    }
    for (const key of new Set(tried.map(({ row }) => keyOf(row))))
      if (!locked.has(key)) queue.unshift(...parked.letGo(key));
    const refused = [...locked].flatMap(([key, rows]) => parked.passOver(key, rows));
    if (locked.size > 0)
      queue = queue.filter((one) => {
        const key = keyOf(one.row);
        if (!locked.has(key) || !parked.has(key)) return true;
        refused.push(...parked.add(key, [one]));
        return false;
      });
    return refused;
  };

  const run = async () => {
    clearTimeout(alarm);
    for (;;) {
      const tried = parked.size > 0 ? parked.takeDue(mostTriedAgain) : [];
      const batch = tried.length > 0 ? [...tried, ...take(mostRows - tried.length)] : take(mostRows);
      if (batch.length === 0) break;
      const { passedOver, settle } = await store(batch);
      const refused = tried.length + passedOver.length > 0 ? park(tried, passedOver) : [];
      // The next batch is on its way before this one is told: telling takes as long as committing, and the database would
      // wait for it. Its answer comes in a later turn, so what is committed first is told first.
      setImmediate(() => {
        settle();
        for (const { reject } of refused) reject(busy());
        waiting -= batch.length - passedOver.length + refused.length;
        if (waiting > 0) return;
        for (const resolve of whenIdle) resolve();
        whenIdle = [];
      });
    }
    running = false;
    const dueInMs = parked.dueInMs();
    if (dueInMs !== undefined) alarm = setTimeout(start, dueInMs);
  };

  const start = () => {
    if (running) return;
    running = true;
    setImmediate(() => void run());
  };

  return {
    submit: (row) => {
      if (waiting >= mostWaiting)
        return Promise.reject(new Refusal("unavailable", "Too much is going on at the moment. Please try again."));
      return new Promise<Result>((resolve, reject) => {
        const one = { row, resolve, reject };
        const key = parked.size > 0 ? keyOf(row) : undefined;
        if (key !== undefined && parked.has(key)) {
          if (parked.add(key, [one]).length > 0) return reject(busy());
        } else {
          queue.push(one);
          start();
        }
        waiting++;
      });
    },
    idle: () => (waiting === 0 ? Promise.resolve() : new Promise((resolve) => whenIdle.push(resolve))),
  };
};
