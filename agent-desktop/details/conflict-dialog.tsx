import { Button, Group, List, Modal, Text } from "@mantine/core";
import { useClient, useClientState } from "../session/client-context.tsx";
import { useMe, useNameOf } from "../session/viewer.ts";
import { StatusMark } from "../list/status-mark.tsx";
import { act, closeConflict, useDoings, type Conflict } from "./actions.ts";
import { whatChanged } from "./what-changed.ts";

const Told = ({ conflict }: { conflict: Conflict }) => {
  const client = useClient();
  const me = useMe();
  const nameOf = useNameOf();
  const { before, deed, wanted, message } = conflict;
  const now = useClientState((state) => state.conversations[before.id]);
  const changes = now ? whatChanged(before, now, me, nameOf) : [];
  // Refused though nothing changed: a colleague is full, say. The same again would be refused again.
  const changed = now !== undefined && now.version !== before.version;
  const again = () => {
    closeConflict();
    if (now) void act(client, now, deed, wanted);
  };
  return (
    <>
      <Text size="sm">{message}</Text>
      {changes.length > 0 && (
        <List size="sm" mt="sm">
          {changes.map((change) => (
            <List.Item key={change}>{change}</List.Item>
          ))}
        </List>
      )}
      {now && (
        <Group gap={6} mt="sm">
          <Text size="sm" c="var(--ink-soft)">
            Status now:
          </Text>
          <Text size="sm" component="span">
            <StatusMark status={now.status} />
          </Text>
        </Group>
      )}
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button variant="default" onClick={closeConflict} data-autofocus>
          {changed ? "Leave as is" : "OK"}
        </Button>
        {changed && <Button onClick={again}>Do it anyway</Button>}
      </Group>
    </>
  );
};

/** Told when a colleague was faster: how the conversation stands, what happened, and the choice to go on regardless. */
export const ConflictDialog = () => {
  const conflict = useDoings((state) => state.conflict);
  return (
    <Modal
      opened={conflict !== null}
      onClose={closeConflict}
      title={conflict ? `Could not ${conflict.wanted}` : ""}
      size="md"
    >
      {conflict && <Told conflict={conflict} />}
    </Modal>
  );
};
