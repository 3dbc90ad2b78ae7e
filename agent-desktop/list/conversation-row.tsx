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

/** One conversation in the list: a button with a short name that covers the whole row. Redrawn only when the conversation itself changed. */
export const ConversationRow = memo(({ conversation, me, nameOf, open, reachable, onOpen }: Props) => {
  const { id, status, unread, assigneeId, priority, forLater } = conversation;
  const since = unansweredSince(conversation);
  // What a colleague looks after need not be read: a number there would be as loud as one's own work.
  const calls = unread > 0 && (!assigneeId || assigneeId === me);
  const hasDraft = useHasDraft(id) && !open;
  const preview = previewOf(conversation, me, nameOf);
  const name = contactName(conversation);
  // The last message's, not that of whatever changed last: who reads `10:30` thinks of somebody who wrote then.
  const at = conversation.lastEntry?.createdAt ?? conversation.createdAt;
  return (
    <li className={classes["row"]} data-open={open || undefined} data-unread={calls || undefined}>
      <Face name={name} size={38} />
      <div style={{ minWidth: 0 }}>
        <span className={classes["line"]}>
          <UnstyledButton
            id={`${id}:name`}
            className={classes["name"]}
            dir="auto"
            data-conversation={id}
            aria-labelledby={`${id}:name ${id}:status ${id}:unread ${id}:when`}
            aria-describedby={`${id}:preview ${id}:facts`}
            aria-current={open ? "true" : undefined}
            tabIndex={reachable ? 0 : -1}
            onClick={() => onOpen(id)}
          >
            {name}
          </UnstyledButton>
          <time id={`${id}:when`} className={classes["when"]} dateTime={at}>
            <When at={at} />
          </time>
        </span>
        <span className={classes["line"]}>
          <span id={`${id}:preview`} className={classes["preview"]} dir="auto" data-faint={preview.faint || undefined}>
            {/* Isolated, so that the text alone decides the direction. */}
            {hasDraft && <bdi className={classes["draft"]}>Draft </bdi>}
            {preview.note && <IconLock className={classes["note"]} size={13} aria-label="Internal note:" />}
            {preview.by && <bdi>{preview.by}: </bdi>}
            {preview.text}
          </span>
          {unread > 0 && !calls && (
            <span id={`${id}:unread`} className={classes["elsewhere"]}>
              <VisuallyHidden>unread</VisuallyHidden>
            </span>
          )}
          {calls && (
            <span id={`${id}:unread`} className={classes["unread"]}>
              {unread > 99 ? "99+" : unread}
              <VisuallyHidden> unread</VisuallyHidden>
            </span>
          )}
        </span>
        <span className={classes["facts"]}>
          <span id={`${id}:status`}>
            <StatusMark status={status} />
          </span>
          <span id={`${id}:facts`} style={{ display: "contents" }}>
            {priority > 0 && (
              <span className={classes["priority"]}>
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
      </div>
    </li>
  );
});
ConversationRow.displayName = "ConversationRow";
