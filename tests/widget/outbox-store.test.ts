import { afterEach, describe, expect, test, vi } from "vitest";
import { createOutboxStore } from "../../widget-sdk/app/outbox-store.ts";
import type { Storage } from "../../widget-sdk/app/storage.ts";
import type { OutboxMessage } from "../../widget-sdk/core/state.ts";

const memory = (): Storage => {
  const kept = new Map<string, string>();
  return {
    get: (name) => kept.get(name),
    set: (name, value) => void kept.set(name, value),
    remove: (name) => void kept.delete(name),
    names: () => [...kept.keys()],
    clear: () => kept.clear(),
    watch: () => {},
  };
};

/** Locks as a browser has them: held until their callback settles, or their tab is gone. */
const browserLocks = () => {
  const held = new Set<string>();
  const request = async (name: string, ...rest: any[]) => {
    const [options, run] = rest.length > 1 ? rest : [{}, rest[0]];
    if (options.ifAvailable && held.has(name)) return run(null);
    held.add(name);
    try {
      return await run({ name });
    } finally {
      held.delete(name);
    }
  };
  return { request, closeTabs: () => held.clear() };
};

const message = (clientId: string, createdAt = "2026-01-01T00:00:00.000Z"): OutboxMessage => ({
  kind: "send",
  clientId,
  conversationId: "k1",
  audience: "public",
  body: "hello",
  state: "sending",
  createdAt,
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the outbox on a visitor's device", () => {
  test("is taken over from a closed tab by one other tab, the oldest message first", async () => {
    const locks = browserLocks();
    vi.stubGlobal("navigator", { locks });
    const storage = memory();
    createOutboxStore(storage).save([message("late", "2026-01-01T00:00:02.000Z")]);
    createOutboxStore(storage).save([message("early")]);
    locks.closeTabs();
    const [one, two] = await Promise.all([createOutboxStore(storage).load(), createOutboxStore(storage).load()]);
    expect([...one, ...two].map(({ clientId }) => clientId).toSorted()).toEqual(["early", "late"]);
    expect(storage.names()).toEqual([]);
  });

  test("of a living tab is left to it", async () => {
    vi.stubGlobal("navigator", { locks: browserLocks() });
    const storage = memory();
    createOutboxStore(storage).save([message("mine")]);
    expect(await createOutboxStore(storage).load()).toEqual([]);
    expect(storage.names()).toHaveLength(1);
  });

  test("leaves nothing behind once all of it is sent", () => {
    vi.stubGlobal("navigator", { locks: browserLocks() });
    const storage = memory();
    const store = createOutboxStore(storage);
    store.save([message("one")]);
    store.save([]);
    expect(storage.names()).toEqual([]);
  });

  test("that can't be read is thrown away", async () => {
    vi.stubGlobal("navigator", { locks: browserLocks() });
    const storage = memory();
    storage.set("outbox:old", "{not json");
    expect(await createOutboxStore(storage).load()).toEqual([]);
    expect(storage.names()).toEqual([]);
  });

  test("without locks is taken over once nobody has touched it for a while", async () => {
    vi.stubGlobal("navigator", {});
    const storage = memory();
    createOutboxStore(storage).save([message("fresh")]);
    storage.set("outbox:old", JSON.stringify({ savedAt: Date.now() - 60_000, messages: [message("old")] }));
    expect((await createOutboxStore(storage).load()).map(({ clientId }) => clientId)).toEqual(["old"]);
  });
});
