import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useState, type FormEvent } from "react";
import type { Offer } from "../../server/contract/agent.ts";
import { contactName } from "../list/names.ts";
import { useClient } from "../session/client-context.tsx";
import { useObstacle } from "../session/viewer.ts";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { askReason, declineOffer, useAnswers } from "./answer.ts";

const common = ["Not my area", "I'm about to leave", "I'm too busy right now"];

const Asked = ({ offer }: { offer: Offer }) => {
  const client = useClient();
  const obstacle = useObstacle("offer.answer");
  const [reason, setReason] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (obstacle === null) void declineOffer(client, offer, reason);
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text size="sm">
          It goes to a colleague who can take it. If nobody can, it waits, and may be offered to you again. Only agents
          see your reason.
        </Text>
        <Textarea
          label="Reason (optional)"
          data-autofocus
          autosize
          minRows={2}
          maxRows={6}
          maxLength={500}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Group gap={6}>
          {common.map((one) => (
            <Button key={one} size="compact-xs" variant="light" color="gray" onClick={() => setReason(one)}>
              {one}
            </Button>
          ))}
        </Group>
        <Group justify="flex-end" mt="xs" gap="sm">
          <Button variant="default" onClick={() => askReason(null)}>
            Back
          </Button>
          <GuardedButton type="submit" color="red" obstacle={obstacle}>
            Decline
          </GuardedButton>
        </Group>
      </Stack>
    </form>
  );
};

/** Asks why an offer is passed on; the clock goes on meanwhile. */
export const DeclineDialog = () => {
  const declining = useAnswers((state) => state.declining);
  return (
    <Modal
      opened={declining !== null}
      onClose={() => askReason(null)}
      title={declining ? `Decline ${contactName(declining.conversation)}?` : ""}
      size="sm"
    >
      {declining && <Asked offer={declining} />}
    </Modal>
  );
};
