import type { OutboxMessage, OutboxStore } from "../core/client.ts";
import { newId } from "../core/ids.ts";
import type { Storage } from "./storage.ts";

/** Without locks, an outbox untouched for so long counts as left behind. */
const orphanMs = 30_000;

type Kept = { savedAt: number; messages: OutboxMessage[] };

const parse = (text: string | undefined): Kept => {
  try {
    const kept = JSON.parse(text ?? "") as Kept;
    if (Array.isArray(kept.messages)) return kept;
  } catch {
    // Written by an older version, or by somebody else: nothing that could be sent.
  }
  return { savedAt: 0, messages: [] };
};

/**
 * Each tab keeps its own outbox and holds a lock as long as it lives; a new tab takes over what a closed one left behind.
 * Should two tabs send the same message after all, its client id makes it one.
 */
export const createOutboxStore = (storage: Storage): OutboxStore => {
  const own = `outbox:${newId()}`;
  const locks = globalThis.navigator?.locks as LockManager | undefined;
  let held = false;

  const hold = () => {
    if (held) return;
    held = true;
    // Never settles: the browser lets go of the lock when the tab is gone.
    locks?.request(`parley:${own}`, () => new Promise(() => {})).catch(() => {});
  };

  const takeOver = (name: string): OutboxMessage[] => {
    const { messages } = parse(storage.get(name));
    storage.remove(name);
    return messages;
  };

  const adopt = async (name: string): Promise<OutboxMessage[]> => {
    if (!locks) return Date.now() - parse(storage.get(name)).savedAt > orphanMs ? takeOver(name) : [];
    return locks.request(`parley:${name}`, { ifAvailable: true }, (lock) => (lock ? takeOver(name) : []));
  };

  return {
    load: async () => {
      const others = storage.names().filter((name) => name.startsWith("outbox:") && name !== own);
      const left = await Promise.all(others.map((name) => adopt(name).catch(() => [])));
      return left.flat().toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
    },
    save: (messages) => {
      if (messages.length === 0) {
        if (held) storage.remove(own);
        return;
      }
      hold();
      storage.set(own, JSON.stringify({ savedAt: Date.now(), messages } satisfies Kept));
    },
  };
};
