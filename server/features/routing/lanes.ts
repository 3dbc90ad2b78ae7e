/** What is to be done for one tenant: by key, the same key once. */
export type Work<T> = Map<string, T>;

export type Lanes<T> = {
  /** Adds work for a tenant; what is there already under the same key is put together with it by `merge`. */
  add: (tenantId: string, work: Work<T>) => void;
  /** Resolves when nothing is left to do for the tenant. */
  idle: (tenantId: string) => Promise<void>;
  /** Takes nothing more, and resolves when what is under way is done. */
  stop: () => Promise<void>;
};

/** `round`: what is being served; `work`: what comes after it. So nothing waits behind what keeps coming in. */
type Lane<T> = { round: Work<T>; work: Work<T>; busy: boolean; waiting: (() => void)[] };

type Options<T> = {
  /**
   * One turn: a bounded piece of a tenant's round. Answers what is left of the round, and what is to be done in the next. A
   * turn that fails leaves nothing of its round: whatever it would have done is found by the next occasion.
   */
  serve: (tenantId: string, round: Work<T>) => Promise<{ left: Work<T>; next: Work<T> }>;
  merge: (there: T, added: T) => T;
  /** How many tenants are served at the same moment. */
  width: number;
  onError: (error: unknown) => void;
};

/**
 * A lane per tenant, a few of which are at work at once, each for one turn before it stands behind the others again. So a
 * tenant with thousands of conversations to hand out takes a turn for every turn of a tenant with one, and no tenant's work
 * is done by two turns at a time.
 */
export const createLanes = <T>({ serve, merge, width, onError }: Options<T>): Lanes<T> => {
  const lanes = new Map<string, Lane<T>>();
  /** Tenants whose turn is to come, each once, in that order. */
  const ring: string[] = [];
  let atWork = 0;
  let stopped = false;
  let allDone: (() => void) | undefined;

  const put = (lane: Lane<T>, work: Work<T>) => {
    for (const [key, added] of work) {
      const there = lane.work.get(key);
      lane.work.set(key, there === undefined ? added : merge(there, added));
    }
  };

  const turn = async (tenantId: string, lane: Lane<T>): Promise<void> => {
    const round = lane.round.size > 0 ? lane.round : lane.work;
    if (round === lane.work) lane.work = new Map();
    lane.round = new Map();
    lane.busy = true;
    atWork += 1;
    try {
      const { left, next } = await serve(tenantId, round);
      lane.round = left;
      // What came in meanwhile is newer than what was left.
      const added = lane.work;
      lane.work = next;
      put(lane, added);
    } catch (error) {
      onError(error);
    }
    lane.busy = false;
    atWork -= 1;
    if (lane.round.size + lane.work.size > 0 && !stopped) ring.push(tenantId);
    else {
      lanes.delete(tenantId);
      for (const done of lane.waiting) done();
    }
    if (stopped && atWork === 0) allDone?.();
    start();
  };

  const start = (): void => {
    // A turn counts itself as at work before it waits for anything.
    for (let free = width - atWork; free > 0 && ring.length > 0; free -= 1) {
      const tenantId = ring.shift()!;
      void turn(tenantId, lanes.get(tenantId)!);
    }
  };

  return {
    add: (tenantId, work) => {
      if (stopped || work.size === 0) return;
      const lane = lanes.get(tenantId) ?? {
        round: new Map<string, T>(),
        work: new Map<string, T>(),
        busy: false,
        waiting: [],
      };
      const standsInRing = lane.round.size + lane.work.size > 0 && !lane.busy;
      lanes.set(tenantId, lane);
      put(lane, work);
      // A lane at work stands in line again when its turn is over.
      if (!lane.busy && !standsInRing) ring.push(tenantId);
      // One commit often gives several occasions: they are served together.
      queueMicrotask(start);
    },
    idle: (tenantId) =>
      new Promise((resolve) => {
        const lane = lanes.get(tenantId);
        if (lane) lane.waiting.push(resolve);
        else resolve();
      }),
    stop: () => {
      stopped = true;
      ring.length = 0;
      for (const [tenantId, lane] of lanes)
        if (!lane.busy) {
          lanes.delete(tenantId);
          for (const done of lane.waiting) done();
        }
      return new Promise((resolve) => {
        allDone = resolve;
        if (atWork === 0) resolve();
      });
    },
  };
};
