import { Button } from "@mantine/core";
import { IconMoon } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useSeesWorkspaces } from "../platform/use-landing.ts";
import { useClient, useClientState } from "../session/client-context.tsx";
import { goTo, settingsPath } from "../session/page.ts";
import { useAvailability, useObstacle } from "../session/viewer.ts";
import { noteAsked, wasAsked } from "./asked.ts";
import { tell } from "./notices.ts";
import classes from "./shell.module.css";

/**
 * Asks, once, whoever begins as away whether they take conversations: nobody who only looks around is given any. Who belongs
 * to no department is told that instead, since none can reach them. Parley's own staff have no visitors to reply to.
 */
export const StartBanner = ({ owner }: { owner: string }) => {
  const client = useClient();
  const availability = useAvailability();
  const may = useObstacle("availability.set") === null;
  const mayJoin = useObstacle("department.manage") === null;
  const staff = useSeesWorkspaces();
  const departments = useClientState((state) => state.session.departments);
  const [answeredHere, setAnsweredHere] = useState(false);
  // Who has chosen by the switch need not be asked.
  const available = availability === "available";
  useEffect(() => {
    if (available) noteAsked(owner);
  }, [available, owner]);
  if (answeredHere || wasAsked(owner) || availability !== "away" || !may || staff) return null;

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
  const choose = () => goTo(`${settingsPath}/departments`);
  const nowhere = departments.length === 0;
  return (
    <section className={classes["banner"]} aria-label="Your availability">
      <IconMoon size={17} aria-hidden />
      {nowhere
        ? `You are in no department yet, so no conversations come to you.${mayJoin ? "" : " An admin or manager can add you to one."}`
        : "You are away, so no conversations come to you. Take conversations now?"}
      {(!nowhere || mayJoin) && (
        <Button size="compact-xs" variant="default" onClick={nowhere ? choose : start}>
          {nowhere ? "Choose a department" : "Take conversations"}
        </Button>
      )}
      <Button size="compact-xs" variant="default" onClick={answered}>
        {nowhere ? "Got it" : "Not now"}
      </Button>
    </section>
  );
};
