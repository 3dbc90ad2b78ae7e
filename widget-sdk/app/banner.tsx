/** @jsxImportSource preact */
import type { ClientState } from "../core/client.ts";
import type { Session } from "../core/state.ts";

const reasonOf = (error: Session["error"]) => {
  const reason = error?.details?.["reason"];
  return typeof reason === "string" ? reason : "";
};
const isExpired = (error: Session["error"]) => /expired|missing/u.test(reasonOf(error));

/** Why the chat is not there, in words for somebody who can do nothing about it but wait, try again or tell the site. */
const endedText = ({ error, endedReason }: Session): string => {
  if ((error?.details?.["reason"] ?? endedReason) === "tenant_suspended") return "This chat is closed at the moment.";
  switch (error?.code) {
    case "permission_denied":
      return "This chat can't be used on this site.";
    case "not_found":
      return "This chat is not set up correctly.";
    case "unauthenticated":
      return isExpired(error) ? "Your sign-in on this site has expired." : "Your sign-in could not be confirmed.";
    default:
      return error?.message ?? "The chat has ended.";
  }
};

type Props = { state: ClientState; onRetry: () => void; onGuest: () => void };

export const Banner = ({ state, onRetry, onGuest }: Props) => {
  const { session } = state;
  // Nobody is left without a chat because the site can't say who they are; but they decide to be somebody else.
  const asGuest = reasonOf(session.error).startsWith("identity_") && (
    <button type="button" class="link" onClick={onGuest}>
      Continue as a guest
    </button>
  );
  if (session.status === "ended" && session.endedReason !== "closed") {
    return (
      <div class="banner" role="alert" data-kind="ended">
        <span>{endedText(session)}</span>
        <button type="button" class="link" onClick={onRetry}>
          Try again
        </button>
        {asGuest}
      </div>
    );
  }
  if (session.status !== "offline") return null;
  const why = asGuest ? "Your sign-in is not confirmed yet. Trying again…" : "No connection to the chat. Trying again…";
  return (
    <output class="banner">
      <span>{navigator.onLine ? why : "You are offline. What you write is sent once you are back."}</span>
      {asGuest}
    </output>
  );
};
