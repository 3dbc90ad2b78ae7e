import { IconHandGrab } from "@tabler/icons-react";
import type { Conversation } from "../../server/contract/entities.ts";
import { useActing } from "../session/session-store.ts";
import { useObstacle } from "../session/viewer.ts";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { useDeeds } from "./use-deeds.ts";

/** Takes a conversation that nobody holds. */
export const TakeButton = ({ conversation }: { conversation: Conversation }) => {
  const acting = useActing();
  const unable = useObstacle("conversation.assign");
  // Whoever acts in somebody's place takes nothing upon them.
  const obstacle = unable ?? (acting ? "Only the person themselves can do this" : null);
  const { busy, take } = useDeeds(conversation);
  const { assigneeId, status } = conversation;
  if (assigneeId || status === "resolved" || status === "archived") return null;
  return (
    <GuardedButton
      size="xs"
      obstacle={obstacle}
      hint="Take it (a)"
      loading={busy}
      leftSection={<IconHandGrab size={16} />}
      onClick={() => void take()}
    >
      Take
    </GuardedButton>
  );
};
