/**
 * Tells who floods from who errs. Refusals leak away with time, whatever succeeds in between: an honest client is refused
 * now and then, one that goes on sending what is refused is not. They are a person's and not a socket's, so that coming back
 * washes nothing off; and an address's too, because new visitors cost nothing to make.
 */
export type FloodWatch = {
  /** Counts a refusal; true once it is one too many, and the socket should go. */
  refused: (who: Source) => boolean;
  /** How long, in milliseconds, nobody of this source should come back; 0 when they may. */
  blockedFor: (who: Source) => number;
};

/** A person, and for visitors the network they are in; an agent's colleagues are not made to pay. */
export type Source = { person: string; network?: string | undefined };

export const sourceOf = (tenantId: string, actor: { kind: string; id: string }, network: string): Source => ({
  person: `${tenantId}:${actor.id}`,
  ...(actor.kind === "contact" && { network }),
});

type Measure = { most: number; perSecond: number };
type Level = { refusals: number; at: number; blockedUntil: number };

// What a client of ours is refused in a bad minute is some dozens.
const ofPerson: Measure = { most: 500, perSecond: 2 };
// An office, or some flooders that each came as somebody new.
const ofNetwork: Measure = { most: 3_000, perSecond: 10 };
const blockMs = 30_000;
const keepMs = 600_000;

/** `factor` multiplies what is borne: whoever may send more may also be refused more. */
export const createFloodWatch = (factor: number, now: () => number = () => performance.now()): FloodWatch => {
  const levels = new Map<string, Level>();
  let sweptAt = now();

  const sweep = (): void => {
    if (now() - sweptAt < keepMs) return;
    sweptAt = now();
    for (const [key, { at, blockedUntil }] of levels)
      if (now() - at > keepMs && blockedUntil < now()) levels.delete(key);
  };

  const count = (key: string, { most: mostAtOne, perSecond: leaking }: Measure): boolean => {
    const [most, perSecond] = [mostAtOne * factor, leaking * factor];
    const level = levels.get(key) ?? { refusals: 0, at: now(), blockedUntil: 0 };
    levels.set(key, level);
    level.refusals = Math.max(0, level.refusals - ((now() - level.at) * perSecond) / 1_000) + 1;
    level.at = now();
    if (level.refusals < most) return false;
    level.blockedUntil = now() + blockMs;
    // Whoever comes back and goes on is met sooner.
    level.refusals = most / 2;
    return true;
  };

  const sources = ({ person, network }: Source): [string, Measure][] => [
    [`person ${person}`, ofPerson],
    ...(network === undefined ? [] : [[`network ${network}`, ofNetwork] satisfies [string, Measure]]),
  ];

  return {
    refused: (who) => {
      sweep();
      return sources(who)
        .map(([key, measure]) => count(key, measure))
        .includes(true);
    },
    blockedFor: (who) =>
      Math.max(0, ...sources(who).map(([key]) => Math.ceil((levels.get(key)?.blockedUntil ?? 0) - now()))),
  };
};
