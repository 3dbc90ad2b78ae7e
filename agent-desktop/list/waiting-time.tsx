import { IconHourglassHigh } from "@tabler/icons-react";
import { useNow } from "../shell/now.ts";
import classes from "./list.module.css";
import { urgencyOf, waitingText } from "./waiting.ts";

/** How long the contact has been waiting for an answer; moves by itself. */
export const WaitingTime = ({ since }: { since: string }) => {
  const now = useNow();
  const text = waitingText(since, now);
  return (
    <span className={classes["waiting"]} data-urgency={urgencyOf(since, now)}>
      <IconHourglassHigh size={13} aria-hidden />
      <span aria-label={text === "now" ? "waiting since just now" : `waiting for ${text}`}>{text}</span>
    </span>
  );
};
