import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconLayoutSidebarRight } from "@tabler/icons-react";
import type { Conversation } from "../../server/contract/entities.ts";
import { ResolveButton } from "../details/resolve-button.tsx";
import { TakeButton } from "../details/take-button.tsx";
import { contactName } from "../list/names.ts";
import { StatusMark } from "../list/status-mark.tsx";
import { useMe, useNameOf } from "../session/viewer.ts";
import { showConversation, useUi } from "../shell/ui-store.ts";
import classes from "./conversation.module.css";

/** Whom one talks to, how the conversation stands, and the two most used actions. */
export const ConversationHead = ({ conversation }: { conversation: Conversation }) => {
  const me = useMe();
  const nameOf = useNameOf();
  const detailsShown = useUi((ui) => ui.detailsShown);
  const { assigneeId, assigneeName } = conversation;
  const holder =
    assigneeId === me
      ? "assigned to you"
      : assigneeId
        ? (assigneeName ?? nameOf(assigneeId) ?? "a colleague")
        : "unassigned";
  return (
    <header className={classes["head"]}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label="Back to the list"
        data-only="narrow"
        onClick={() => showConversation(null)}
      >
        <IconArrowLeft size={19} />
      </ActionIcon>
      <div className={classes["title"]}>
        <h1 className={classes["name"]} dir="auto">
          {contactName(conversation)}
        </h1>
        <div className={classes["facts"]}>
          <StatusMark status={conversation.status} />
          <span>{holder}</span>
          {conversation.subject && conversation.contact && <bdi>{conversation.subject}</bdi>}
        </div>
      </div>
      <TakeButton conversation={conversation} />
      <ResolveButton conversation={conversation} />
      <Tooltip label="Details">
        <ActionIcon
          variant={detailsShown ? "light" : "subtle"}
          color="gray"
          size="lg"
          aria-label="Details"
          aria-expanded={detailsShown}
          data-only="folded"
          onClick={() => useUi.setState({ detailsShown: !detailsShown })}
        >
          <IconLayoutSidebarRight size={19} />
        </ActionIcon>
      </Tooltip>
    </header>
  );
};
