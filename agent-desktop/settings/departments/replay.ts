import { counted } from "../../shell/plural.ts";
import type { Replay, ReplayedDecision } from "../../../server/contract/assignment-routes.ts";

type Totals = Replay["totals"];

/** What came of a replay so far: a long one is asked for in several parts. */
export type Outcome = {
  totals: Totals;
  /** What would have gone to somebody else, or to nobody. */
  differing: ReplayedDecision[];
};

const addAgents = (a: Totals["agents"], b: Totals["agents"]): Totals["agents"] => {
  const agents = new Map(a.map((agent) => [agent.id, agent]));
  for (const { id, name, had, wouldHaveHad } of b) {
    const before = agents.get(id) ?? { had: 0, wouldHaveHad: 0 };
    agents.set(id, { id, name, had: before.had + had, wouldHaveHad: before.wouldHaveHad + wouldHaveHad });
  }
  return [...agents.values()].toSorted((x, y) => y.wouldHaveHad - x.wouldHaveHad || x.name.localeCompare(y.name));
};

/** Puts the next part of a replay behind those before it. */
export const addPart = (
  before: Outcome | null,
  { decisions, totals }: Pick<Replay, "decisions" | "totals">,
): Outcome => {
  const differing = decisions.filter(({ outcome }) => outcome === "other" || outcome === "nobody");
  if (!before) return { totals, differing };
  const held = before.totals;
  return {
    totals: {
      decisions: held.decisions + totals.decisions,
      same: held.same + totals.same,
      other: held.other + totals.other,
      nobody: held.nobody + totals.nobody,
      byPerson: held.byPerson + totals.byPerson,
      agents: addAgents(held.agents, totals.agents),
    },
    differing: [...before.differing, ...differing],
  };
};

/** What a replay says as a whole, one sentence each, the most telling first. */
export const outcomeText = ({ decisions, same, other, nobody, byPerson }: Totals): string[] => [
  `${other} of ${counted(decisions, "decision")} would have gone to somebody else.`,
  ...(nobody > 0 ? [`${nobody} would have waited in the queue.`] : []),
  ...(same > 0 ? [`${same} would have been the same.`] : []),
  ...(byPerson > 0
    ? [`${byPerson} ${byPerson === 1 ? "was" : "were"} made by people, which no policy overrules.`]
    : []),
];

/** A difference with its sign. */
export const signed = (difference: number): string => {
  if (difference === 0) return "±0";
  return difference > 0 ? `+${difference}` : `−${-difference}`;
};
