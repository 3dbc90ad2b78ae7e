/** @jsxImportSource preact */
import type { Conversation, Presence } from "../../server/contract/entities.ts";
import type { ClientState } from "../core/client.ts";
import { useEffect, useState } from "preact/hooks";
import { availabilityText, isAttended } from "./availability.ts";
import { isOver } from "./conversations.ts";
import { Face } from "./face.tsx";
import { Icon } from "./icons.tsx";
import { presenceOf } from "./presence.ts";

type Props = {
  state: ClientState;
  conversation: Conversation | undefined;
  inChat: boolean;
  onBack: (() => void) | undefined;
  onClose: () => void;
};

const presenceText = { online: "Online", idle: "Away", offline: "Offline" };

type About = {
  title: string;
  line: string;
  here?: Presence | undefined;
  untilMs?: number | undefined;
  person?: string;
};

/** Says only what is known: who holds the conversation, whether they are there, or that nobody has taken it yet. */
const about = (state: ClientState, conversation: Conversation | undefined): About => {
  const { session } = state;
  const company = session.tenant?.name ?? "Chat";
  const now = session.status === "online" ? availabilityText(session.inbox) : "";
  if (!conversation) return { title: company, line: now };
  const { assigneeId, assigneeName, status, forLater } = conversation;
  if (isOver(status)) {
    return { title: assigneeName ?? company, line: "This conversation has ended" };
  }
  if (!assigneeId) {
    // When somebody is back stands below, beside the place in the queue.
    const waits = isAttended(session.inbox) && !forLater;
    return { title: company, line: waits ? "Waiting for the next free agent" : "Waiting for a reply" };
  }
  const { here, untilMs } = presenceOf(state, conversation, Date.now());
  const line = here ? presenceText[here] : company;
  return { title: assigneeName ?? company, line, here, untilMs, person: assigneeId };
};

export const Header = ({ state, conversation, inChat, onBack, onClose }: Props) => {
  const listed = { title: "Your conversations", line: state.session.tenant?.name ?? "" };
  const { title, line, here, person, untilMs }: About = inChat ? about(state, conversation) : listed;
  const [, redraw] = useState(0);
  useEffect(() => {
    if (untilMs === undefined) return undefined;
    const timer = setTimeout(() => redraw((drawn) => drawn + 1), untilMs - Date.now());
    return () => clearTimeout(timer);
  }, [untilMs]);
  return (
    // Not a header: the page has a banner of its own.
    <div class="header">
      {onBack && (
        <button type="button" class="plain" aria-label="All conversations" onClick={onBack}>
          <Icon name="back" />
        </button>
      )}
      {person && <Face name={title} here={here} />}
      <div class="titles">
        <h2 dir="auto">{title}</h2>
        <p>{line}</p>
      </div>
      <button type="button" class="plain" aria-label="Close chat" onClick={onClose}>
        <Icon name="close" />
      </button>
    </div>
  );
};
