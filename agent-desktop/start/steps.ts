import type { Answer } from "../session/rest.ts";

export type Step = { done: boolean };

export type FirstSteps = {
  site: Step;
  people: Step;
  hours: Step;
  trial: Step;
  doneCount: number;
  count: number;
  /** Of the inbox that is to be put on a site. */
  inboxKey: string | undefined;
};

export type Facts = {
  inboxes: Answer<"inbox/list">["data"];
  hours: Answer<"business-hours/list">["data"];
  usage: Answer<"usage/get">["usage"];
};

/** How far a workspace has got, by what there is in it. */
export const stepsOf = ({ inboxes, hours, usage }: Facts): FirstSteps => {
  const people = usage.limits.find(({ limit }) => limit === "agents")?.current ?? 0;
  const used = usage.months.some(({ conversations }) => conversations > 0);
  const steps = {
    // No page may embed an inbox before its origin is named, and that one does is known when somebody has written there.
    site: { done: used && inboxes.some(({ allowedOrigins }) => allowedOrigins.length > 0) },
    people: { done: people > 1 },
    hours: { done: hours.length > 0 },
    trial: { done: used },
  };
  const all = Object.values(steps);
  return {
    ...steps,
    doneCount: all.filter(({ done }) => done).length,
    count: all.length,
    inboxKey: inboxes[0]?.key,
  };
};
