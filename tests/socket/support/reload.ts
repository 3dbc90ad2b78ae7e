import { isDeepStrictEqual } from "node:util";
import type { Company } from "../../support/company.ts";
import { sleep } from "../../support/wait.ts";
import { anotherSocket } from "./ask.ts";
import { deeds } from "./deeds.ts";
import type { Deed } from "./deeds.ts";
import { Mirror } from "./mirror.ts";
import { fetchView } from "./view.ts";
import type { View } from "./view.ts";
import { everybody, settleWorld } from "./world.ts";

/** Every deed of every command, to be looped over. */
export const cases = Object.entries(deeds).flatMap(([command, variants]) =>
  Object.entries(variants).map(([title, deed]): [string, Deed] => [`${command}: ${title}`, deed]),
);

type Setting = { opens: boolean; patienceMs: number };

/**
 * "Old state + the events a client received = what a fresh fetch shows": what everybody who may look shows after `deed`, having
 * listened since before it, and what each would show if they came anew. `patienceMs` is how long the two may differ.
 */
export const liveAndReloaded = async (deed: Deed, company: Company, { opens, patienceMs }: Setting) => {
  const world = await settleWorld(company);
  const mirrors = await Promise.all(
    everybody.map(async (who) => ({ who, mirror: await Mirror.of(await anotherSocket(world[who]), { opens }) })),
  );
  await deed(world, company);
  const live: Record<string, View> = {};
  const reloaded: Record<string, View> = {};
  const compare = async ({ who, mirror }: (typeof mirrors)[0]) => {
    for (const end = Date.now() + patienceMs; ; await sleep(25)) {
      await mirror.settled();
      const fresh = await anotherSocket(world[who]);
      live[who] = mirror.view();
      reloaded[who] = await fetchView(fresh, mirror.opened);
      fresh.close();
      if (isDeepStrictEqual(live[who], reloaded[who]) || Date.now() > end) return;
    }
  };
  await Promise.all(mirrors.map(compare));
  return { live, reloaded };
};
