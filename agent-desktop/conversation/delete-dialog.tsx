import { Button, Group, Modal, Text } from "@mantine/core";
import { useState } from "react";
import type { Entry } from "../../server/contract/entities.ts";
import { useClient } from "../session/client-context.tsx";
import { deleteMessage } from "./message-actions.ts";

type Props = { entry: Entry; opened: boolean; onClose: () => void };

/** Asks before a message is deleted, since it can't be brought back. */
export const DeleteDialog = ({ entry, opened, onClose }: Props) => {
  const client = useClient();
  const [busy, setBusy] = useState(false);
  const confirm = async () => {
    setBusy(true);
    await deleteMessage(client, entry);
    setBusy(false);
    onClose();
  };
  return (
    <Modal opened={opened} onClose={onClose} title="Delete this message?" size="sm">
      <Text size="sm">
        {entry.audience === "public"
          ? "Its text is removed for everybody, the contact included. A mark that it was deleted stays."
          : "Its text is removed for everybody. A mark that it was deleted stays."}
      </Text>
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button variant="default" onClick={onClose} data-autofocus>
          Keep it
        </Button>
        <Button color="red" loading={busy} onClick={() => void confirm()}>
          Delete
        </Button>
      </Group>
    </Modal>
  );
};
