/** @jsxImportSource preact */
import type { Conversation } from "../../server/contract/entities.ts";
import type { ClientState } from "../core/client.ts";
import { availabilityText } from "./availability.ts";
import { isOver } from "./conversations.ts";
import { Face } from "./face.tsx";
import { Icon } from "./icons.tsx";

type Props = {
  state: ClientState;
  conversation: Conversation | undefined;
  inChat: boolean;
  onBack: (() => void) | undefined;
  onClose: () => void;
};

const presenceText = { online: "Online", idle: "Away", offline: "Offline" };

/** Says only what is known: who holds the conversation, whether they are there, or that nobody has taken it yet. */
const about = ({ presence, session }: ClientState, conversation: Conversation | undefined) => {
  const company = session.tenant?.name ?? "Chat";
  const now = session.status === "online" ? availabilityText(session.inbox) : "";
  if (!conversation) return { title: company, line: now };
  const { assigneeId, assigneeName, status, forLater } = conversation;
  if (isOver(status)) {
    return { title: assigneeName ?? company, line: "This conversation has ended" };
  }
  if (!assigneeId) {
    // Nobody comes to a place that is closed: then it says when somebody does.
    const waits = session.inbox === undefined || (session.inbox.open && session.inbox.online);
    return { title: company, line: waits && !forLater ? "Waiting for the next free agent" : now };
  }
  const known = presence[`agent:${assigneeId}`];
  const here = known?.presence === "online" && known.availability === "away" ? "idle" : known?.presence;
  return { title: assigneeName ?? company, line: here ? presenceText[here] : company, here, person: assigneeId };
};

export const Header = ({ state, conversation, inChat, onBack, onClose }: Props) => {
  const { title, line, here, person } = inChat
    ? about(state, conversation)
    : { title: "Your conversations", line: state.session.tenant?.name ?? "", here: undefined, person: undefined };
  return (
    <header class="header">
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
    </header>
  );
};
