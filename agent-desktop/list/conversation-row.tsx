import { UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconArrowUp, IconLock } from "@tabler/icons-react";
import { memo } from "react";
import type { Conversation } from "../../server/contract/entities.ts";
import type { NameOf } from "../conversation/activity-text.ts";
import { useHasDraft } from "../conversation/drafts.ts";
import { useNow } from "../shell/now.ts";
import classes from "./list.module.css";
import { Face } from "./face.tsx";
import { contactName } from "./names.ts";
import { previewOf } from "./preview.ts";
import { priorityText } from "./priority.ts";
import { StatusMark } from "./status-mark.tsx";
import { WaitingTime } from "./waiting-time.tsx";
import { unansweredSince } from "./views.ts";
import { shortWhen } from "./when.ts";

type Props = {
  conversation: Conversation;
  me: string;
  nameOf: NameOf;
  open: boolean;
  /** The one row that Tab reaches; the keys move it. */
  reachable: boolean;
  onOpen: (id: string) => void;
};

const When = ({ at }: { at: string }) => <>{shortWhen(at, useNow())}</>;

/** Who holds it, from the viewer's side. */
const holderOf = ({ assigneeId, assigneeName }: Conversation, me: string, nameOf: NameOf): string => {
  if (!assigneeId) return "Nobody yet";
  return assigneeId === me ? "You" : (assigneeName ?? nameOf(assigneeId) ?? "A colleague");
};

/** One conversation in the list. Redrawn only when the conversation itself changed. */
export const ConversationRow = memo(({ conversation, me, nameOf, open, reachable, onOpen }: Props) => {
  const { id, status, unread, assigneeId, priority, forLater } = conversation;
  const since = unansweredSince(conversation);
  // What a colleague looks after need not be read: a number there would be as loud as one's own work.
  const calls = unread > 0 && (!assigneeId || assigneeId === me);
  const hasDraft = useHasDraft(id) && !open;
  const preview = previewOf(conversation, me, nameOf);
  const name = contactName(conversation);
  return (
    <li>
      <UnstyledButton
        className={classes["row"]}
        data-conversation={id}
        data-open={open || undefined}
        data-unread={calls || undefined}
        aria-current={open ? "true" : undefined}
        tabIndex={reachable ? 0 : -1}
        onClick={() => onOpen(id)}
      >
        <Face name={name} size={38} />
        <span style={{ minWidth: 0 }}>
          <span className={classes["line"]}>
            <span className={classes["name"]} dir="auto">
              {name}
            </span>
            <time className={classes["when"]} dateTime={conversation.updatedAt}>
              <When at={conversation.updatedAt} />
            </time>
          </span>
          <span className={classes["line"]}>
            <span className={classes["preview"]} dir="auto" data-faint={preview.faint || undefined}>
              {/* Isolated, so that the text alone decides the direction. */}
              {hasDraft && <bdi className={classes["draft"]}>Draft </bdi>}
              {preview.note && <IconLock className={classes["note"]} size={13} aria-label="Internal note:" />}
              {preview.by && <bdi>{preview.by}: </bdi>}
              {preview.text}
            </span>
            {unread > 0 && !calls && (
              <span className={classes["elsewhere"]}>
                <VisuallyHidden>unread</VisuallyHidden>
              </span>
            )}
            {calls && (
              <span className={classes["unread"]} aria-label={`${unread > 99 ? "more than 99" : unread} unread`}>
                {unread > 99 ? "99+" : unread}
              </span>
            )}
          </span>
          <span className={classes["facts"]}>
            <StatusMark status={status} />
            {priority > 0 && (
              <span className={classes["priority"]} title="Served before others that wait">
                <IconArrowUp size={12} aria-label="Priority:" />
                {priorityText(priority)}
              </span>
            )}
            {forLater && status === "queued" ? (
              <span className={classes["holder"]}>Message for later</span>
            ) : (
              <span className={classes["holder"]}>{holderOf(conversation, me, nameOf)}</span>
            )}
            {since && <WaitingTime since={since} />}
          </span>
        </span>
      </UnstyledButton>
    </li>
  );
});
ConversationRow.displayName = "ConversationRow";
