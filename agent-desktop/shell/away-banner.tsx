import { CloseButton } from "@mantine/core";
import { IconMoon } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useClient } from "../session/client-context.tsx";
import { useAvailability, useObstacle } from "../session/viewer.ts";
import { awayText } from "./away-text.ts";
import { GuardedButton } from "./guarded-button.tsx";
import { tell } from "./notices.ts";
import classes from "./shell.module.css";

/**
 * Says when somebody was set to away by the server, for as long as they are: whoever it concerns was not looking. A change
 * from another window of theirs needs no word.
 */
export const AwayBanner = () => {
  const client = useClient();
  const availability = useAvailability();
  const obstacle = useObstacle("availability.set");
  const [reason, setReason] = useState<string | null>(null);
  useEffect(
    () => client.on("availability:changed", ({ availability: now, reason: why }) => setReason(awayText(now, why))),
    [client],
  );
  if (reason === null || availability !== "away") return null;
  const comeBack = () => {
    client
      .request("availability:set", { availability: "available" })
      .then(() => setReason(null))
      .catch((error: Error) => tell("error", `You are still away: ${error.message}`));
  };
  return (
    <div className={classes["banner"]} role="alert">
      <IconMoon size={17} aria-hidden />
      {reason}
      <GuardedButton size="compact-xs" variant="default" obstacle={obstacle} onClick={comeBack}>
        I'm back
      </GuardedButton>
      <CloseButton size="sm" aria-label="Dismiss" onClick={() => setReason(null)} />
    </div>
  );
};
