import pino from "pino";
import { expect, test } from "vitest";
import type { PresenceChange } from "../../../server/contract/shared.ts";
import { bundle, createPresenceNews, type Presence } from "../../../server/realtime/presence-news.ts";
import type { Present, Seen } from "../../../server/realtime/presence-store.ts";
import { eventually } from "../../support/wait.ts";

const change = (id: string, presence: Presence = "online"): PresenceChange => ({
  actor: { kind: "agent", id },
  presence,
});

test("up to twenty changes are told one by one, and more of them as one", () => {
  const changes = Array.from({ length: 21 }, (_, i) => change(`agent ${i}`));
  expect(bundle(changes.slice(1))).toEqual(changes.slice(1));
  expect(bundle(changes)).toEqual([{ ...changes[0], also: changes.slice(1) }]);
  expect(bundle([])).toEqual([]);
});

/** News over a Redis that says whatever a test wants it to say; 50 departments of their own for 1,000 agents. */
const withRedis = () => {
  const world = {
    seen: undefined as Seen | undefined,
    looks: 0,
    heard: new Map<string, PresenceChange[]>(),
    events: 0,
  };
  const news = createPresenceNews({
    log: pino({ level: "silent" }),
    list: () => {
      world.looks += 1;
      return Promise.resolve(world.seen && { ...world.seen, present: new Map(world.seen.present) });
    },
    among: () => Promise.resolve(undefined),
    here: () => [],
    watchersOf: (_tenantId, changed) =>
      Promise.resolve(
        [...changed].map(([id, presence]) => ({
          change: change(id, presence),
          colleagues: [`department ${Number(id) % 50}`],
          others: [],
        })),
      ),
    contactsOf: () => Promise.resolve(new Map()),
    followersOf: () => "",
    hasMembers: () => true,
    emit: ([room], _event, data) => {
      const { also = [], ...first } = data as PresenceChange & { also?: PresenceChange[] };
      world.events += 1;
      world.heard.set(room!, [...(world.heard.get(room!) ?? []), first, ...also]);
    },
    onLook: () => {},
  });
  const present = (ids: string[], certain = true): Seen => ({
    certain,
    present: new Map(ids.map((id): [string, Present] => [id, "online"])),
  });
  news.watch("tenant");
  return { world, news, present };
};

test("a thousand logins at once are one look and few events, and each is told to its department once", async () => {
  const { world, news, present } = withRedis();
  world.seen = present([]);
  await news.snapshot("tenant");
  const ids = Array.from({ length: 1_000 }, (_, i) => String(i));
  world.seen = present(ids);
  for (const _id of ids) news.look("tenant");
  await eventually(() => world.heard.size === 50, "every department has heard");
  expect(world.looks).toBe(2);
  expect(
    [...world.heard.values()]
      .flat()
      .map(({ actor }) => actor.id)
      .toSorted(),
  ).toEqual(ids.toSorted());
  news.stop();
});

test("whoever is missing while Redis can't be certain is kept, and told of when it can", async () => {
  const { world, news, present } = withRedis();
  world.seen = present(["1", "2"]);
  expect(new Set((await news.snapshot("tenant")).keys())).toEqual(new Set(["1", "2"]));
  const look = async (seen: Seen | undefined) => {
    const { looks } = world;
    world.seen = seen;
    news.look("tenant");
    await eventually(() => world.looks > looks, "it has looked");
    return news.snapshot("tenant");
  };
  expect((await look(undefined)).size).toBe(2);
  expect((await look(present([], false))).size).toBe(2);
  expect(world.events).toBe(0);
  expect([...(await look(present(["1"]))).keys()]).toEqual(["1"]);
  expect(world.heard).toEqual(new Map([["department 2", [change("2", "offline")]]]));
  news.stop();
});
