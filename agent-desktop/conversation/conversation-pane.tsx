import { Alert, Button, EmptyState, Loader, VisuallyHidden } from "@mantine/core";
import { IconAlertCircle, IconMessages } from "@tabler/icons-react";
import { useEffect, type ReactNode } from "react";
import { useClientState } from "../session/client-context.tsx";
import { useMe } from "../session/viewer.ts";
import { showConversation } from "../shell/ui-store.ts";
import { Composer } from "./composer.tsx";
import { resetComposing } from "./composing.ts";
import { ConversationHead } from "./conversation-head.tsx";
import classes from "./conversation.module.css";
import { HeldReplies } from "./held-reply.tsx";
import { Timeline } from "./timeline.tsx";
import { TypingLine } from "./typing-line.tsx";
import { useOpened } from "./use-opened.ts";

const OpenConversation = ({ id }: { id: string }) => {
  const me = useMe();
  const conversation = useClientState((state) => state.conversations[id]);
  const opened = useOpened(id, me);
  useEffect(resetComposing, [id]);

  if (opened.phase === "failed") {
    const gone = opened.problem.code === "not_found" || opened.problem.code === "permission_denied";
    return (
      <div className={classes["center"]}>
        <Alert color="red" icon={<IconAlertCircle />} title="This conversation can't be shown" role="alert" maw={420}>
          {gone ? "It doesn't exist, or you don't have access to it." : opened.problem.message}
          <Button.Group mt="sm">
            {!gone && (
              <Button size="xs" variant="light" color="red" onClick={opened.retry}>
                Try again
              </Button>
            )}
            <Button size="xs" variant="default" onClick={() => showConversation(null)}>
              Back to the list
            </Button>
          </Button.Group>
        </Alert>
      </div>
    );
  }
  return (
    <>
      {conversation && <ConversationHead conversation={conversation} />}
      {opened.phase === "open" && conversation ? (
        <Timeline key={id} conversation={conversation} readUpTo={opened.readUpTo}>
          <HeldReplies />
          <TypingLine />
          <Composer key={id} />
        </Timeline>
      ) : (
        <output className={classes["center"]} aria-label="Loading the conversation">
          <Loader size="sm" />
        </output>
      )}
    </>
  );
};

/** The middle pane: the open conversation, or what there is to do first. */
export const ConversationPane = ({ id, firstSteps }: { id: string | null; firstSteps: ReactNode }) => (
  <main className={classes["pane"]} data-pane="conversation" aria-label="Conversation">
    {id ? (
      <OpenConversation key={id} id={id} />
    ) : (
      <div className={classes["center"]}>
        <VisuallyHidden component="h1">Conversations</VisuallyHidden>
        {firstSteps ?? (
          <EmptyState
            icon={<IconMessages />}
            title="No conversation open"
            description="Pick one on the left, or press j and Enter. ? lists the keys."
          />
        )}
      </div>
    )}
  </main>
);
