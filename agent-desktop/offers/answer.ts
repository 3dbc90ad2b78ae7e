import { create } from "zustand";
import type { Offer } from "../../server/contract/agent.ts";
import { setBusy } from "../details/actions.ts";
import { contactName } from "../list/names.ts";
import type { AgentClient } from "../session/agent-client.ts";
import { tell } from "../shell/notices.ts";
import { showConversation, useUi } from "../shell/ui-store.ts";
import { offerKey } from "./offers.ts";

type Answers = {
  /** Offers answered from this window, by key. */
  answered: ReadonlySet<string>;
  /** The conversations the person declined in this window: they may be offered again where nobody else takes them. */
  declined: ReadonlySet<string>;
  /** The offer that a reason is being asked for. */
  declining: Offer | null;
};

export const useAnswers = create<Answers>(() => ({ answered: new Set(), declined: new Set(), declining: null }));

const mark = (offer: Offer, isAnswered: boolean) =>
  useAnswers.setState(({ answered, declining }) => {
    const next = new Set(answered);
    if (isAnswered) next.add(offerKey(offer));
    else next.delete(offerKey(offer));
    return { answered: next, declining: declining && offerKey(declining) === offerKey(offer) ? null : declining };
  });

const refused = (offer: Offer, what: string, error: unknown) => {
  const problem = error as { message?: string; retryable?: boolean };
  // A refusal for good means that the offer is over: asking again would be refused again.
  if (problem.retryable) mark(offer, false);
  tell("error", `Could not ${what} ${contactName(offer.conversation)}: ${problem.message ?? "no answer"}`);
};

/** Takes what is offered and opens it. */
export const acceptOffer = async (client: AgentClient, offer: Offer): Promise<void> => {
  const { id } = offer.conversation;
  mark(offer, true);
  setBusy(id, true);
  try {
    await client.request("offer:accept", { conversationId: id });
    useUi.setState({ view: "mine", status: null, cursorId: id });
    showConversation(id);
  } catch (error) {
    refused(offer, "accept", error);
  } finally {
    setBusy(id, false);
  }
};

/** Passes what is offered on to the next, with a word why. */
export const declineOffer = async (client: AgentClient, offer: Offer, reason: string): Promise<void> => {
  mark(offer, true);
  try {
    const said = reason.trim();
    const { id } = offer.conversation;
    await client.request("offer:decline", { conversationId: id, ...(said && { reason: said }) });
    useAnswers.setState(({ declined }) => ({ declined: new Set([...declined, id]) }));
  } catch (error) {
    refused(offer, "decline", error);
  }
};

export const askReason = (declining: Offer | null): void => useAnswers.setState({ declining });
