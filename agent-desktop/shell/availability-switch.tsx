import { Tooltip, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { PresenceDot } from "../details/presence-dot.tsx";
import { useClient } from "../session/client-context.tsx";
import { useAvailability, useObstacle } from "../session/viewer.ts";
import { tell } from "./notices.ts";
import classes from "./shell.module.css";

/** Whether one takes new conversations: a click changes it. */
export const AvailabilitySwitch = () => {
  const client = useClient();
  const availability = useAvailability();
  const obstacle = useObstacle("availability.set");
  const [busy, setBusy] = useState(false);
  if (!availability) return null;
  const available = availability === "available";

  const change = async () => {
    if (obstacle || busy) return;
    setBusy(true);
    try {
      await client.request("availability:set", { availability: available ? "away" : "available" });
    } catch (error) {
      tell("error", `Your availability is unchanged: ${error instanceof Error ? error.message : "no answer"}`);
    }
    setBusy(false);
  };

  const hint = available
    ? "You get new conversations. Click to be away."
    : "You get no new conversations. Click to be available.";
  return (
    <Tooltip label={obstacle ?? hint} multiline maw={260}>
      <UnstyledButton
        className={classes["availability"]}
        role="switch"
        aria-checked={available}
        aria-label="Available for new conversations"
        aria-disabled={obstacle !== null}
        aria-busy={busy}
        onClick={() => void change()}
      >
        <PresenceDot of={{ presence: "online", availability }} />
        <span className={classes["word"]}>{available ? "Available" : "Away"}</span>
      </UnstyledButton>
    </Tooltip>
  );
};
