/** A place where waiting code is woken each time something changed; no polling, no sleeping. */
export class Signal {
  #waiting: (() => void)[] = [];

  changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Resolves with the first truthy answer of `look`, asked now and after each change; rejects after `ms`. */
  async until<T>(look: () => T, what: string | (() => string), ms = 20_000): Promise<NonNullable<T>> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.changed();
    }, ms);
    try {
      for (;;) {
        const answer = look();
        if (answer) return answer;
        if (late) throw new Error(`Waited ${ms} ms in vain: ${typeof what === "string" ? what : what()}`);
        await new Promise<void>((resolve) => {
          this.#waiting.push(resolve);
        });
      }
    } finally {
      clearTimeout(timer);
    }
  }
}

export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Asks again and again until `look` answers truthy, for what announces itself to nobody (a port, a table, a process). */
export const eventually = async <T>(
  look: () => Promise<T> | T,
  what: string,
  { ms = 20_000, everyMs = 50 }: { ms?: number; everyMs?: number } = {},
): Promise<NonNullable<T>> => {
  const end = Date.now() + ms;
  for (let trouble: unknown; ;) {
    try {
      const answer = await look();
      if (answer) return answer;
      trouble = undefined;
    } catch (error) {
      trouble = error;
    }
    if (Date.now() > end) throw new Error(`Waited ${ms} ms in vain: ${what}`, { cause: trouble });
    await sleep(everyMs);
  }
};
