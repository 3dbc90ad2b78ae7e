import { Kbd, Modal, Switch } from "@mantine/core";
import { Fragment } from "react";
import { setPreference, usePreferences } from "./preferences.ts";
import classes from "./shell.module.css";
import { shortcuts } from "./shortcuts.ts";
import { useUi } from "./ui-store.ts";

/** Lists the keys, and turns the single-letter ones off for those they get in the way of. */
export const HelpDialog = () => {
  const shown = useUi((ui) => ui.helpShown);
  const { keys: on } = usePreferences();
  return (
    <Modal opened={shown} onClose={() => useUi.setState({ helpShown: false })} title="Keyboard shortcuts" size="md">
      <dl className={classes["keys"]}>
        {shortcuts.map(({ keys, does }) => (
          <Fragment key={does}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </Fragment>
        ))}
      </dl>
      <Switch
        mt="lg"
        label="Single keys are shortcuts"
        description="When off, only Enter, Shift+Enter and Esc keep working."
        checked={on}
        onChange={(event) => setPreference({ keys: event.currentTarget.checked })}
      />
    </Modal>
  );
};
