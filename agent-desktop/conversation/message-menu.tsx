import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconCopy, IconDots, IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import type { Entry } from "../../server/contract/entities.ts";
import { authorName } from "../list/names.ts";
import { useClient } from "../session/client-context.tsx";
import { useObstacle } from "../session/viewer.ts";
import { startEditing, startReplyingTo } from "./composing.ts";
import classes from "./conversation.module.css";
import { DeleteDialog } from "./delete-dialog.tsx";
import { copyText, react } from "./message-actions.ts";
import { useScene } from "./scene.ts";

const emojis = ["👍", "❤️", "😄", "🎉", "🙏", "👀"];

/** What can be done with a message. What the viewer may not do is greyed out, with the reason. */
export const MessageMenu = ({ entry, mine }: { entry: Entry; mine: boolean }) => {
  const client = useClient();
  const { me } = useScene();
  const [open, setOpen] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const unable = useObstacle("message.send");
  const unableToEdit = useObstacle("message.edit_any");
  const unableToDelete = useObstacle("message.delete_any");
  const editObstacle = unable ?? (mine ? null : unableToEdit);
  const deleteObstacle = unable ?? (mine ? null : unableToDelete);
  const holds = (emoji: string) =>
    entry.reactions?.some((one) => one.emoji === emoji && one.actors.some(({ id }) => id === me)) ?? false;

  return (
    <div className={classes["tools"]} data-open={open || undefined}>
      <Menu opened={open} onChange={setOpen} position="bottom-end" returnFocus>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            radius="xl"
            aria-label={`Actions for the message by ${authorName(entry.author, me)}`}
          >
            <IconDots size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <div className={classes["emojis"]} role="none">
            {emojis.map((emoji) => (
              <Menu.Item
                key={emoji}
                className={classes["emoji"]}
                aria-label={holds(emoji) ? `Take ${emoji} back` : `React with ${emoji}`}
                disabled={unable !== null}
                onClick={() => void react(client, entry, emoji, holds(emoji))}
              >
                {emoji}
              </Menu.Item>
            ))}
          </div>
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconArrowBackUp size={16} />}
            disabled={unable !== null}
            onClick={() => startReplyingTo(entry)}
          >
            Quote in a {entry.audience === "public" ? "reply" : "note"}
          </Menu.Item>
          <Menu.Item leftSection={<IconCopy size={16} />} onClick={() => void copyText(entry.body ?? "")}>
            Copy text
          </Menu.Item>
          <Tooltip label={editObstacle} disabled={!editObstacle} position="left">
            <Menu.Item
              leftSection={<IconPencil size={16} />}
              disabled={editObstacle !== null}
              onClick={() => startEditing(entry, entry.body ?? "")}
            >
              Edit
            </Menu.Item>
          </Tooltip>
          <Tooltip label={deleteObstacle} disabled={!deleteObstacle} position="left">
            <Menu.Item
              c="var(--danger)"
              leftSection={<IconTrash size={16} />}
              disabled={deleteObstacle !== null}
              onClick={() => setDeleting(true)}
            >
              Delete
            </Menu.Item>
          </Tooltip>
        </Menu.Dropdown>
      </Menu>
      <DeleteDialog entry={entry} opened={deleting} onClose={() => setDeleting(false)} />
    </div>
  );
};
