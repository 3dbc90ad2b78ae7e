import { Button, Drawer } from "@mantine/core";
import { IconHelpCircle } from "@tabler/icons-react";
import { useState } from "react";
import type { Conversation } from "../../server/contract/entities.ts";
import { useObstacle } from "../session/viewer.ts";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { Why } from "./why.tsx";

/** Opens the story of a conversation's assignments: who had it, who was asked, and why. */
export const WhyButton = ({ conversation }: { conversation: Conversation }) => {
  const [open, setOpen] = useState(false);
  const obstacle = useObstacle("assignment.read");
  const title = conversation.assigneeId ? "Why this agent?" : "Why is it waiting?";
  return (
    <>
      <GuardedButton
        mt={8}
        fullWidth
        size="compact-sm"
        variant="subtle"
        color="gray"
        fw={500}
        obstacle={obstacle}
        leftSection={<IconHelpCircle size={15} />}
        onClick={() => setOpen(true)}
      >
        {title}
      </GuardedButton>
      <Drawer
        opened={open}
        onClose={() => setOpen(false)}
        position="right"
        size="md"
        title={title}
        closeButtonProps={{ "aria-label": "Close" }}
      >
        {open && <Why conversationId={conversation.id} version={conversation.version} />}
        <Button mt="lg" fullWidth variant="default" onClick={() => setOpen(false)}>
          Close
        </Button>
      </Drawer>
    </>
  );
};
