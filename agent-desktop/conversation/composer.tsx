import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconSend2 } from "@tabler/icons-react";
import { useEffect, useRef, type KeyboardEvent } from "react";
import { isBlank } from "../../server/contract/text.ts";
import { bodyCharacters, countCharacters } from "../../widget-sdk/core/body.ts";
import { isComposing } from "../../widget-sdk/core/composition.ts";
import { useObstacle } from "../session/viewer.ts";
import { ComposerAbout } from "./composer-about.tsx";
import { ComposerModes } from "./composer-modes.tsx";
import { useComposing } from "./composing.ts";
import classes from "./conversation.module.css";
import { useScene } from "./scene.ts";
import { useComposer } from "./use-composer.ts";

const Room = ({ text }: { text: string }) => {
  const left = bodyCharacters - countCharacters(text);
  if (left > 500) return null;
  return (
    <output data-over={left < 0 || undefined}>
      {left < 0 ? `${-left} characters too long` : `${left} characters left`}
    </output>
  );
};

/** Where replies and notes are written. Enter sends, Shift+Enter breaks the line. */
export const Composer = () => {
  const { conversation } = useScene();
  const { audience, editing, focusAsked } = useComposing();
  const { text, write, submit, cancel, busy, problem } = useComposer(conversation);
  const blocked = useObstacle("message.send");
  // Away from the server one may go on writing: what is sent then waits in the outbox.
  const forbidden = blocked !== null && !blocked.startsWith("Not connected") ? blocked : null;
  const field = useRef<HTMLTextAreaElement>(null);
  const note = audience === "internal";

  useEffect(() => {
    if (focusAsked > 0) field.current?.focus();
  }, [focusAsked]);

  if (conversation.status === "archived")
    return <p className={classes["activity"]}>This conversation is archived and can only be read.</p>;

  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (!cancel()) field.current?.blur();
    }
  };

  const tooLong = countCharacters(text) > bodyCharacters;
  const label = editing ? "Edit the message" : note ? "Write an internal note" : "Write a reply";
  return (
    <div className={classes["composer"]} data-note={note || undefined}>
      <ComposerModes locked={editing !== null} />
      <ComposerAbout onCancel={cancel} />
      <textarea
        ref={field}
        className={classes["field"]}
        dir="auto"
        aria-label={label}
        placeholder={forbidden ?? (note ? "A note for your colleagues…" : "Write a reply…")}
        disabled={forbidden !== null}
        rows={2}
        value={text}
        onChange={(event) => write(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <div className={classes["actions"]}>
        {problem && (
          <span data-over role="alert">
            {problem}
          </span>
        )}
        <Room text={text} />
        {editing ? (
          <>
            <Button size="compact-sm" variant="subtle" onClick={cancel}>
              Cancel
            </Button>
            <Button size="compact-sm" loading={busy} disabled={isBlank(text) || tooLong} onClick={submit}>
              Save
            </Button>
          </>
        ) : (
          <Tooltip label={note ? "Save the note (Enter)" : "Send (Enter)"}>
            <ActionIcon
              size="lg"
              radius="md"
              color={note ? "yellow" : undefined}
              aria-label={note ? "Save the note" : "Send"}
              disabled={isBlank(text) || tooLong || forbidden !== null}
              onClick={submit}
            >
              <IconSend2 size={19} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
    </div>
  );
};
