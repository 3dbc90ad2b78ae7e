import { IconCircleCheck, IconRotateClockwise } from "@tabler/icons-react";
import type { Conversation } from "../../server/contract/entities.ts";
import { useObstacle } from "../session/viewer.ts";
import { GuardedButton } from "../shell/guarded-button.tsx";
import classes from "./details.module.css";
import { useDeeds } from "./use-deeds.ts";

/** Resolves an unresolved conversation, reopens a resolved one. On a phone its word is only read out, not shown. */
export const ResolveButton = ({ conversation }: { conversation: Conversation }) => {
  const cannotResolve = useObstacle("conversation.resolve");
  const cannotReopen = useObstacle("conversation.reopen");
  const { busy, resolve, reopen } = useDeeds(conversation);
  const classNames = { root: classes["settle"]!, section: classes["settleIcon"]!, label: classes["settleWord"]! };
  const shared = { size: "xs", variant: "default", loading: busy, classNames } as const;
  if (conversation.status === "archived") return null;
  if (conversation.status === "resolved")
    return (
      <GuardedButton
        {...shared}
        obstacle={cannotReopen}
        hint="Reopen it (e)"
        leftSection={<IconRotateClockwise size={16} />}
        onClick={() => void reopen()}
      >
        Reopen
      </GuardedButton>
    );
  return (
    <GuardedButton
      {...shared}
      obstacle={cannotResolve}
      hint="Resolve it (e)"
      leftSection={<IconCircleCheck size={16} />}
      onClick={() => void resolve()}
    >
      Resolve
    </GuardedButton>
  );
};
