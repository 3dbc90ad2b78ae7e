import type { Candidate, Exclusion } from "../../contract/routing.ts";

/** Of one and of several who are excluded: `one is away`, `3 are away`. */
const sayings: Record<Exclusion, [one: string, several: string]> = {
  offline: ["is offline", "are offline"],
  away: ["is away", "are away"],
  full: ["holds as many conversations as they can", "hold as many conversations as they can"],
  department_full: [
    "holds the most conversations that the department allows",
    "hold the most conversations that the department allows",
  ],
  had_the_offer: ["has just had it", "have just had it"],
  lacks_skill: ["lacks a skill it needs", "lack a skill it needs"],
  may_not_answer: ["may not answer", "may not answer"],
  deactivated: ["is deactivated", "are deactivated"],
};

/** Why none of them could take a conversation: `Amir Haddad is away and 3 are offline.` */
export const sayExclusions = (candidates: readonly Candidate[]): string => {
  const reasons = Object.keys(sayings) as Exclusion[];
  const parts = reasons.flatMap((reason) => {
    const those = candidates.filter(({ excluded }) => excluded === reason);
    if (those.length === 0) return [];
    const [one, several] = sayings[reason];
    return [those.length === 1 ? `${those[0]!.name ?? "one"} ${one}` : `${those.length} ${several}`];
  });
  if (parts.length === 0) return "nobody belongs to it";
  const last = parts.pop()!;
  return parts.length > 0 ? `${parts.join(", ")} and ${last}` : last;
};

/** A sentence begins with a capital. */
export const sentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
