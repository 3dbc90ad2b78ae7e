import { Anchor } from "@mantine/core";
import { IconAlertCircle, IconClock, IconHandStop } from "@tabler/icons-react";
import type { OutboxMessage } from "../../widget-sdk/core/state.ts";
import { useClient, useClientState } from "../session/client-context.tsx";
import { takeBack } from "./take-back.ts";
import classes from "./conversation.module.css";
import { LinkedText } from "./linked-text.tsx";
import { Quote } from "./quote.tsx";

const PendingState = ({ message }: { message: OutboxMessage }) => {
  const client = useClient();
  const online = useClientState((state) => state.session.status === "online");
  if (message.state !== "failed") {
    return (
      <output className={classes["meta"]}>
        <IconClock size={13} aria-hidden />
        {online ? "Sending…" : "Will be sent once connected"}
      </output>
    );
  }
  if (message.error?.code === "conflict") {
    return (
      <div className={classes["meta"]} data-failed>
        <IconHandStop size={13} aria-hidden />
        Held back, see below
      </div>
    );
  }
  return (
    <div className={classes["meta"]} data-failed role="alert">
      <IconAlertCircle size={13} aria-hidden />
      Not sent: {message.error?.message ?? "refused"}
      <Anchor component="button" type="button" size="xs" onClick={() => client.retry(message.clientId)}>
        Retry
      </Anchor>
      <Anchor component="button" type="button" size="xs" onClick={() => takeBack(client, message)}>
        Edit
      </Anchor>
      <Anchor
        component="button"
        type="button"
        size="xs"
        c="var(--danger)"
        onClick={() => client.discard(message.clientId)}
      >
        Discard
      </Anchor>
    </div>
  );
};

/** One's own message before it stands in the timeline: on its way, or refused. */
export const PendingRow = ({ message, first }: { message: OutboxMessage; first: boolean }) => {
  const note = message.audience === "internal";
  return (
    <article
      className={classes["message"]}
      data-side="agent"
      data-note={note || undefined}
      data-first={first || undefined}
      data-last
      aria-label={`Your ${note ? "note" : "message"}, not stored yet`}
    >
      <span className={classes["tools"]} />
      <div className={classes["stack"]}>
        <div className={classes["bubble"]} style={{ opacity: message.state === "failed" ? 1 : 0.75 }}>
          {message.replyToSeq !== undefined && <Quote audience={message.audience} seq={message.replyToSeq} />}
          <div dir="auto">
            <LinkedText text={message.body ?? ""} />
          </div>
        </div>
        <PendingState message={message} />
      </div>
    </article>
  );
};
