/** @jsxImportSource preact */
import type { ClientState } from "../core/client.ts";
import type { Session } from "../core/state.ts";

/** Why the chat is not there, in words for somebody who can do nothing about it but wait, try again or tell the site. */
const endedText = ({ error, endedReason }: Session): string => {
  if ((error?.details?.["reason"] ?? endedReason) === "tenant_suspended") return "This chat is closed at the moment.";
  switch (error?.code) {
    case "permission_denied":
      return "This chat can't be used on this site.";
    case "not_found":
      return "This chat is not set up correctly: there is no such inbox.";
    case "unauthenticated":
      return "Your sign-in has run out. Reload the page to go on.";
    default:
      return error?.message ?? "The chat has ended.";
  }
};

export const Banner = ({ state, onRetry }: { state: ClientState; onRetry: () => void }) => {
  const { session } = state;
  if (session.status === "ended" && session.endedReason !== "closed") {
    return (
      <div class="banner" role="alert" data-kind="ended">
        <span>{endedText(session)}</span>
        <button type="button" class="link" onClick={onRetry}>
          Try again
        </button>
      </div>
    );
  }
  if (session.status !== "offline") return null;
  return (
    <output class="banner">
      {navigator.onLine
        ? "No connection to the chat. Trying again…"
        : "You are offline. What you write is sent once you are back."}
    </output>
  );
};
