import { useCallback, useEffect, useState } from "react";
import { ask } from "../session/ask.ts";
import { useClientState } from "../session/client-context.tsx";
import { useActing } from "../session/session-store.ts";
import { useLoaded } from "../session/use-loaded.ts";
import { useReturn } from "../session/use-return.ts";
import { stepsOf, type Facts, type FirstSteps } from "./steps.ts";

const keyOf = (owner: string) => `parley:first-steps:${owner}`;

const isPutAway = (owner: string): boolean => {
  try {
    return localStorage.getItem(keyOf(owner)) !== null;
  } catch {
    return false;
  }
};

const putAway = (owner: string): void => {
  try {
    localStorage.setItem(keyOf(owner), "1");
  } catch {
    // They come back at a reload.
  }
};

const askFacts = async (signal: AbortSignal): Promise<Facts> => {
  const [inboxes, hours, usage] = await Promise.all([
    ask("inbox/list", {}, signal),
    ask("business-hours/list", {}, signal),
    ask("usage/get", {}, signal),
  ]);
  return { inboxes: inboxes.data, hours: hours.data, usage: usage.usage };
};

/**
 * The first steps that are left, for whoever sets up the workspace; null where there are none, or they were put away. Asked
 * for whenever they come to be `shown`: in between somebody may have taken one.
 */
export const useFirstSteps = (owner: string, shown: boolean): { steps: FirstSteps | null; dismiss: () => void } => {
  const mayAll = useClientState(({ session: { permissions } }) =>
    (["tenant.read", "inbox.manage", "invitation.create"] as const).every((one) => permissions.includes(one)),
  );
  const acting = useActing() !== undefined;
  const [away, setAway] = useState(() => isPutAway(owner));
  const wanted = mayAll && !acting && !away && shown;
  const { data, reload } = useLoaded(
    (signal) => (wanted ? askFacts(signal) : Promise.resolve(null)),
    wanted ? "wanted" : "",
  );
  const steps = data ? stepsOf(data) : null;
  const left = steps !== null && steps.doneCount < steps.count;
  useReturn(left, reload);
  // The first conversation is a step, and comes while one looks.
  const any = useClientState(({ conversations }) => Object.keys(conversations).length > 0);
  useEffect(() => {
    if (any && left) reload();
    // Only what has come, not what was loaded.
  }, [any, left, reload]);
  const dismiss = useCallback(() => {
    putAway(owner);
    setAway(true);
  }, [owner]);
  return { steps: wanted && left ? steps : null, dismiss };
};
