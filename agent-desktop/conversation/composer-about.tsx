import { CloseButton } from "@mantine/core";
import { authorName } from "../list/names.ts";
import { useComposing } from "./composing.ts";
import classes from "./conversation.module.css";
import { useScene } from "./scene.ts";

/** What the composer is about, when it edits a message or answers one. */
export const ComposerAbout = ({ onCancel }: { onCancel: () => void }) => {
  const { find, me } = useScene();
  const editing = useComposing((state) => state.editing);
  const replyingTo = useComposing((state) => state.replyingTo);
  const about = editing ?? replyingTo;
  if (!about) return null;
  const entry = find(about.audience, about.seq);
  return (
    <div className={classes["about"]}>
      <span>
        {editing ? (
          <b>Editing your {editing.audience === "internal" ? "note" : "message"}</b>
        ) : (
          <>
            <b>To {entry ? <bdi>{authorName(entry.author, me)}</bdi> : "a message"}</b> <bdi>{entry?.body ?? ""}</bdi>
          </>
        )}
      </span>
      <CloseButton size="sm" aria-label={editing ? "Stop editing" : "Remove the quote"} onClick={onCancel} />
    </div>
  );
};
