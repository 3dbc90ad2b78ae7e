import { isPassing } from "../../db/client.ts";
import { Refusal } from "../contract/errors.ts";

type Waiting<Row, Result> = { row: Row; resolve: (result: Result) => void; reject: (error: unknown) => void };

export type GroupCommit<Row, Result> = {
  /** Resolves once the row's batch is committed. Rejects with `unavailable` when the database stays away. */
  submit: (row: Row) => Promise<Result>;
  /** Resolves when nothing is waiting or under way. */
  idle: () => Promise<void>;
};

type Options<Row, Result> = {
  /**
   * Commits a batch; resolves once it is durable, with what then tells it to the world and answers in the order of the rows.
   * Must be safe to repeat: a commit whose answer was lost is tried again.
   */
  commit: (rows: Row[]) => Promise<() => Result[]>;
  mostRows: number;
  /** Beyond this many waiting rows a new one is refused: a queue that can't be worked off only makes everyone late. */
  mostWaiting?: number;
};

const retryDelays = [50, 150, 400, 1_000, 2_000];
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Group commit: while one batch commits, the next gathers, so the database sets the pace and there is no timer. One batch at
 * a time: what is submitted in order is committed in order, and a batch costs the database a fixed part that two smaller
 * ones would pay twice. The first row after a pause waits for the end of the event-loop turn, in which everything that the
 * sockets brought has arrived.
 */
export const createGroupCommit = <Row, Result>(options: Options<Row, Result>): GroupCommit<Row, Result> => {
  const { commit, mostRows, mostWaiting = 20_000 } = options;
  let waiting = 0;
  let whenIdle: (() => void)[] = [];

  /** Resolves with what settles the batch. A passing outage is waited out for some seconds; a row that can't be stored fails alone. */
  const store = async (batch: Waiting<Row, Result>[]): Promise<() => void> => {
    for (let attempt = 0; ; attempt++) {
      try {
        const tell = await commit(batch.map(({ row }) => row));
        return () => {
          try {
            const results = tell();
            batch.forEach(({ resolve }, i) => resolve(results[i]!));
          } catch (error) {
            for (const { reject } of batch) reject(error);
          }
        };
      } catch (error) {
        if (!isPassing(error)) return batch.length === 1 ? () => batch[0]!.reject(error) : storeEach(batch);
        const delay = retryDelays[attempt];
        if (delay === undefined) {
          const refusal = new Refusal("unavailable", "The database can't be reached. Please try again.");
          return () => batch.forEach(({ reject }) => reject(refusal));
        }
        await pause(delay);
      }
    }
  };

  const storeEach = async (batch: Waiting<Row, Result>[]): Promise<() => void> => {
    const settles: (() => void)[] = [];
    for (const one of batch) settles.push(await store([one]));
    return () => settles.forEach((settle) => settle());
  };

  let queue: Waiting<Row, Result>[] = [];
  let running = false;
  const run = async () => {
    while (queue.length > 0) {
      const batch = queue.length <= mostRows ? queue : queue.slice(0, mostRows);
      queue = batch === queue ? [] : queue.slice(mostRows);
      const settle = await store(batch);
      // The next batch is on its way before this one is told: telling takes as long as committing, and the database would
      // wait for it. Its answer comes in a later turn, so what is committed first is told first.
      setImmediate(() => {
        settle();
        waiting -= batch.length;
        if (waiting > 0) return;
        for (const resolve of whenIdle) resolve();
        whenIdle = [];
      });
    }
    running = false;
  };

  return {
    submit: (row) => {
      if (waiting >= mostWaiting)
        return Promise.reject(new Refusal("unavailable", "Too much is waiting to be stored. Please try again."));
      waiting++;
      if (!running) {
        running = true;
        setImmediate(() => void run());
      }
      return new Promise<Result>((resolve, reject) => queue.push({ row, resolve, reject }));
    },
    idle: () => (waiting === 0 ? Promise.resolve() : new Promise((resolve) => whenIdle.push(resolve))),
  };
};
