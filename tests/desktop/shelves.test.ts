import { beforeEach, describe, expect, test } from "vitest";
import { countText, extendShelf, forgetShelves, loadShelf, useShelves } from "../../agent-desktop/list/shelves.ts";
import { shelfKey } from "../../agent-desktop/list/views.ts";
import type { AgentClient } from "../../agent-desktop/session/agent-client.ts";
import type { Conversation } from "../../server/contract/entities.ts";
import { ParleyError } from "../../widget-sdk/core/errors.ts";
import { conversation, me } from "./samples.ts";

const queue = { view: "queue", status: null } as const;

/** The two calls a shelf makes: a server that answers `pages`, and what the client knows. */
const clientOf = (pages: Conversation[][], known: Conversation[] = [], during = () => {}) => {
  const conversations: Record<string, Conversation> = Object.fromEntries(known.map((one) => [one.id, one]));
  const asked: (string | undefined)[] = [];
  const list = async ({ cursor }: { cursor?: string }) => {
    asked.push(cursor);
    await Promise.resolve();
    const page = Number(cursor ?? 0);
    during();
    for (const one of pages[page] ?? []) conversations[one.id] = one;
    return { conversations: pages[page] ?? [], nextCursor: page + 1 < pages.length ? String(page + 1) : null };
  };
  const client = { list, getState: () => ({ conversations }) } as unknown as AgentClient;
  return { client, asked, conversations };
};

const state = () => useShelves.getState()[shelfKey(queue)];

describe("loading a shelf", () => {
  beforeEach(forgetShelves);

  test("a fetch says what there is and whether more remains", async () => {
    const [first, second] = [conversation(), conversation()];
    const { client } = clientOf([[first], [second]]);
    await loadShelf(client, queue, me);
    expect(state()).toMatchObject({ phase: "ready", nextCursor: "1" });
    await extendShelf(client, queue);
    expect([...(state()?.ids ?? [])]).toEqual([first.id, second.id]);
    expect(state()?.nextCursor).toBeNull();
  });

  test("a repeated fetch reaches as far down as the list was loaded", async () => {
    const { client, asked } = clientOf([[conversation()], [conversation()], [conversation()]]);
    await loadShelf(client, queue, me);
    await extendShelf(client, queue);
    asked.length = 0;
    await loadShelf(client, queue, me);
    expect(asked).toEqual([undefined, "1"]);
    expect(state()?.nextCursor).toBe("2");
  });

  test("two at once are one fetch", async () => {
    const { client, asked } = clientOf([[conversation()]]);
    await Promise.all([loadShelf(client, queue, me), loadShelf(client, queue, me)]);
    expect(asked).toHaveLength(1);
  });

  test("what only seemed to belong leaves the shelf until it changes", async () => {
    const [here, gone] = [conversation(), conversation({ version: 4 })];
    const { client } = clientOf([[here]], [here, gone]);
    await loadShelf(client, queue, me);
    expect(state()?.absent).toEqual({ [gone.id]: 4 });
  });

  test("what changed during the fetch stays: it is newer than the answer", async () => {
    const [here, moved] = [conversation(), conversation({ version: 4, status: "open", assigneeId: me })];
    const fake = clientOf([[here]], [here, moved], () => {
      fake.conversations[moved.id] = { ...moved, version: 5, status: "queued" };
    });
    await loadShelf(fake.client, queue, me);
    expect(state()?.absent).toEqual({});
  });

  test("a refused first fetch is told, a refused refresh leaves the list as it was", async () => {
    const refusing = {
      list: () => Promise.reject(new ParleyError({ code: "unavailable", message: "Not connected", retryable: true })),
      getState: () => ({ conversations: {} }),
    } as unknown as AgentClient;
    await loadShelf(refusing, queue, me);
    expect(state()).toMatchObject({ phase: "error", problem: "Not connected" });
    const { client } = clientOf([[conversation()]]);
    await loadShelf(client, queue, me);
    await loadShelf(refusing, queue, me);
    expect(state()).toMatchObject({ phase: "ready" });
    expect(state()?.ids.size).toBe(1);
  });

  test("a count that goes on says how many were fetched, however many of those have left since", async () => {
    const { client } = clientOf([[conversation(), conversation()], [conversation()]]);
    await loadShelf(client, queue, me);
    expect([countText(2, state()), countText(1, state())]).toEqual(["2+", "2+"]);
    await extendShelf(client, queue);
    expect([countText(3, state()), countText(0, state())]).toEqual(["3", null]);
  });
});
