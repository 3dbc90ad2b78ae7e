import { useMemo, useSyncExternalStore } from "react";
import type { Offer } from "../../server/contract/agent.ts";
import type { AgentClient } from "../session/agent-client.ts";
import { useClientState } from "../session/client-context.tsx";
import { useAnswers } from "./answer.ts";
import { openOffers } from "./offers.ts";

const subscribe = (listener: () => void) => {
  const timer = setInterval(listener, 1000);
  return () => clearInterval(timer);
};
const silent = () => () => {};
const second = () => Math.floor(Date.now() / 1000) * 1000;

/** The server's time in milliseconds, moving every second while `ticking`. */
const useSeconds = (ticking: boolean): number => {
  const offset = useClientState((state) => state.session.clockOffsetMs);
  return useSyncExternalStore(ticking ? subscribe : silent, second) + offset;
};

/** What is held out to the viewer now, and the time by which it runs. */
export const useOffers = (): { offers: Offer[]; now: number } => {
  const offers = useClientState((state) => state.offers);
  const known = useClientState((state) => state.conversations);
  const answered = useAnswers((state) => state.answered);
  const now = useSeconds(Object.keys(offers).length > 0);
  return { offers: useMemo(() => openOffers(offers, known, answered, now), [offers, known, answered, now]), now };
};

/** The same outside of a component: the most urgent one, for the keys. */
export const firstOffer = (client: AgentClient): Offer | undefined => {
  const { offers, conversations, session } = client.getState();
  return openOffers(offers, conversations, useAnswers.getState().answered, Date.now() + session.clockOffsetMs)[0];
};
