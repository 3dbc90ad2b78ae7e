import { Button } from "@mantine/core";
import { IconMoon } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useClient, useClientState } from "../session/client-context.tsx";
import { useAvailability, useObstacle } from "../session/viewer.ts";
import { noteAsked, wasAsked } from "./asked.ts";
import { tell } from "./notices.ts";
import classes from "./shell.module.css";

/**
 * Asks, once, whoever begins as away whether they take conversations: nobody who only looks around is given any. Who belongs
 * to no department is told that instead, since none can reach them.
 */
export const StartBanner = ({ owner }: { owner: string }) => {
  const client = useClient();
  const availability = useAvailability();
  const may = useObstacle("availability.set") === null;
  const departments = useClientState((state) => state.session.departments);
  const [answeredHere, setAnsweredHere] = useState(false);
  // Who has chosen by the switch need not be asked.
  const available = availability === "available";
  useEffect(() => {
    if (available) noteAsked(owner);
  }, [available, owner]);
  if (answeredHere || wasAsked(owner) || availability !== "away" || !may) return null;

  const answered = () => {
    noteAsked(owner);
    setAnsweredHere(true);
  };
  const start = () => {
    client
      .request("availability:set", { availability: "available" })
      .then(answered)
      .catch((error: Error) => tell("error", `You are still away: ${error.message}`));
  };
  const nowhere = departments.length === 0;
  return (
    <section className={classes["banner"]} aria-label="Your availability">
      <IconMoon size={17} aria-hidden />
      {nowhere
        ? "You are in no department yet, so no conversations come to you. Somebody who manages people can add you to one."
        : "You are away, so no conversations come to you. Take conversations now?"}
      {!nowhere && (
        <Button size="compact-xs" variant="default" onClick={start}>
          Take conversations
        </Button>
      )}
      <Button size="compact-xs" variant="default" onClick={answered}>
        {nowhere ? "Got it" : "Not now"}
      </Button>
    </section>
  );
};
