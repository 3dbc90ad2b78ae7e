import { Button, Group, Text } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import type { Entry } from "../../server/contract/entities.ts";
import type { OutboxMessage } from "../../widget-sdk/core/state.ts";
import { useClient, useClientState } from "../session/client-context.tsx";
import { authorName } from "../list/names.ts";
import { clockText } from "../list/when.ts";
import classes from "./conversation.module.css";
import { missedReplies } from "./missed.ts";
import { useScene } from "./scene.ts";
import { noteSeen } from "./seen.ts";
import { takeBack } from "./take-back.ts";

const Missed = ({ entries, me }: { entries: Entry[]; me: string }) => (
  <ul className={classes["missed"]} aria-label="What you missed">
    {entries.map((entry) => (
      <li key={entry.seq}>
        <b>
          <bdi>{authorName(entry.author, me)}</bdi>, {clockText(entry.createdAt)}:
        </b>{" "}
        <bdi>{entry.body ?? "Message deleted"}</bdi>
      </li>
    ))}
  </ul>
);

const HeldMessage = ({ message, me }: { message: OutboxMessage; me: string }) => {
  const client = useClient();
  const entries = useClientState((state) => state.timelines[`${message.conversationId}:public`]?.entries);
  const missed = missedReplies(message, entries ?? [], me);
  const sendAnyway = () => {
    noteSeen(message.conversationId, entries?.at(-1)?.seq ?? 0);
    client.retry(message.clientId);
  };
  const who = [
    ...new Set(missed.filter(({ author }) => author.kind === "agent").map(({ author }) => authorName(author, me))),
  ];
  return (
    <section className={classes["held"]} role="alertdialog" aria-label="Your reply was held back">
      <Group gap={8} wrap="nowrap">
        <IconHandStop size={18} aria-hidden />
        <Text fw={650} size="sm">
          {who.length > 0
            ? `${who.join(" and ")} answered while you were writing`
            : "Somebody answered while you were writing"}
        </Text>
      </Group>
      {missed.length > 0 && <Missed entries={missed} me={me} />}
      <Text size="sm" lineClamp={3} style={{ overflowWrap: "anywhere" }}>
        Your reply, not sent: “<bdi>{message.body}</bdi>”
      </Text>
      <Group gap="xs" mt="sm">
        <Button size="xs" onClick={() => takeBack(client, message)}>
          Edit
        </Button>
        <Button size="xs" variant="default" onClick={sendAnyway}>
          Send anyway
        </Button>
        <Button size="xs" variant="subtle" color="red" onClick={() => client.discard(message.clientId)}>
          Discard
        </Button>
      </Group>
    </section>
  );
};

/** Replies the server held back because a colleague answered first: what was missed, and what to do now. */
export const HeldReplies = () => {
  const { conversation, me } = useScene();
  const outbox = useClientState((state) => state.outbox);
  return outbox
    .filter(
      ({ conversationId, state, error }) =>
        conversationId === conversation.id && state === "failed" && error?.code === "conflict",
    )
    .map((message) => <HeldMessage key={message.clientId} message={message} me={me} />);
};
