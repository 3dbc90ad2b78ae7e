import { useNow } from "../shell/now.ts";
import classes from "./list.module.css";
import { useQueueFacts } from "./use-list.ts";
import { waitingText } from "./waiting.ts";

/** How the queue stands, in one line that moves by itself. */
export const QueueFacts = () => {
  const { count, longest } = useQueueFacts();
  const now = useNow();
  if (count === null) return null;
  const longestWait = longest === null ? "now" : waitingText(longest, now);
  return (
    <p className={classes["queueFacts"]}>
      {count} waiting
      {longestWait !== "now" && ` · the longest for ${longestWait}`}
    </p>
  );
};
