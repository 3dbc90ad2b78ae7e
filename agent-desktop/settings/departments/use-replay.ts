import { useEffect, useRef, useState } from "react";
import { ask, sentenceOf } from "../../session/ask.ts";
import type { Period } from "./period.ts";
import type { Choice } from "./policy.ts";
import { addPart, type Outcome } from "./replay.ts";

export type Run = {
  period: Period;
  choice: Choice;
  running: boolean;
  /** Null until the first part came. */
  outcome: Outcome | null;
  /** From where on nothing was looked at yet; null when all was. */
  next: string | null;
  problem: string | null;
};

/** How much of its period a run has looked at, in percent. */
export const reached = ({ period, next }: Pick<Run, "period" | "next">): number => {
  if (next === null) return 100;
  const [from, to, at] = [period.from, period.to, next].map((time) => Date.parse(time)) as [number, number, number];
  return Math.round((100 * (at - from)) / (to - from));
};

/** Tries a policy on a department's past, part by part where there is much of it; leaving the page stops it. */
export const useReplay = (departmentId: string) => {
  const [run, setRun] = useState<Run | null>(null);
  const leaving = useRef<AbortController | null>(null);
  useEffect(() => () => leaving.current?.abort(), []);

  const carryOn = async (begun: Run) => {
    leaving.current?.abort();
    const { signal } = (leaving.current = new AbortController());
    const { period, choice } = begun;
    // Rules that do not count need not be complete either.
    const { skills, ...rest } = choice;
    const policy = { ...rest, ...(choice.strategy === "skills" && { skills }) };
    let now: Run = { ...begun, running: true, problem: null };
    setRun(now);
    try {
      while (now.next !== null) {
        const body = { from: now.next, to: period.to, policy };
        // Each part says where the next one begins.
        const part = await ask("routing/replay", { params: { departmentId }, body }, signal);
        now = { ...now, outcome: addPart(now.outcome, part), next: part.nextFrom, running: part.nextFrom !== null };
        setRun(now);
      }
    } catch (error) {
      if (!signal.aborted) setRun({ ...now, running: false, problem: sentenceOf(error) });
    }
  };

  return {
    run,
    start: (period: Period, choice: Choice) =>
      carryOn({ period, choice, running: true, outcome: null, next: period.from, problem: null }),
    stop: () => {
      leaving.current?.abort();
      setRun((held) => held && { ...held, running: false });
    },
    goOn: () => void (run && carryOn(run)),
  };
};
