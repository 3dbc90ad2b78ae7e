/** @jsxImportSource preact */
import type { Conversation } from "../../server/contract/entities.ts";
import type { ClientState } from "../core/client.ts";
import { isMine } from "../core/state.ts";
import { isOver } from "./conversations.ts";
import type { List } from "./conversations.ts";
import { Face } from "./face.tsx";
import { Icon } from "./icons.tsx";
import { deletedMessage } from "./items.ts";
import { exactTimeOf, whenOf } from "./time.ts";

type Props = {
  state: ClientState;
  conversations: Conversation[];
  list: List;
  onOpen: (conversationId: string) => void;
  onNew: () => void;
};

const preview = (state: ClientState, { lastEntry, subject }: Conversation) => {
  if (!lastEntry) return { text: subject ?? "No messages yet", mine: false };
  const text = lastEntry.deletedAt === undefined ? (lastEntry.body ?? "") : deletedMessage;
  return { text, mine: isMine(state, lastEntry.author) };
};

export const ConversationList = ({ state, conversations, list, onOpen, onNew }: Props) => {
  const company = state.session.tenant?.name ?? "Conversation";
  return (
    <div class="screen">
      <ul class="conversations">
        {conversations.map((conversation) => {
          const { id, assigneeName, status, unread, updatedAt } = conversation;
          const ended = isOver(status);
          const { text, mine } = preview(state, conversation);
          return (
            <li key={id}>
              <button type="button" class="row" onClick={() => onOpen(id)}>
                <Face name={assigneeName ?? company} />
                <span class="about">
                  <span class="who" dir="auto">
                    {assigneeName ?? company}
                  </span>
                  <span class="preview" dir="auto">
                    {/* Isolated, so that the text alone decides the direction. */}
                    {mine && <bdi>You: </bdi>}
                    {text}
                  </span>
                </span>
                <span class="side">
                  <time dateTime={updatedAt} title={exactTimeOf(updatedAt)}>
                    {whenOf(updatedAt)}
                  </time>
                  {unread > 0 ? (
                    <span class="count">
                      {unread > 99 ? "99+" : unread}
                      <span class="hidden"> unread</span>
                    </span>
                  ) : (
                    ended && <span class="chip">Ended</span>
                  )}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      {list.state === "loading" && <p class="hint">Loading…</p>}
      {list.state === "failed" && (
        <p class="hint">
          Your conversations could not be loaded.{" "}
          <button type="button" class="link" onClick={list.reload}>
            Try again
          </button>
        </p>
      )}
      {list.more && (
        <button type="button" class="link more" onClick={list.more}>
          Show older conversations
        </button>
      )}
      <div class="foot">
        <button type="button" class="primary" onClick={onNew}>
          <Icon name="plus" />
          New conversation
        </button>
      </div>
    </div>
  );
};
