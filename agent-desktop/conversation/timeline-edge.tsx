import { Anchor, Loader } from "@mantine/core";
import classes from "./conversation.module.css";

type Props = { goesOn: boolean; extending: boolean; problem: string | null; onRetry: () => void };

const Edge = ({ goesOn, extending, problem, onRetry }: Props) => {
  if (problem)
    return (
      <span role="alert">
        {problem}{" "}
        <Anchor component="button" type="button" size="xs" onClick={onRetry}>
          Try again
        </Anchor>
      </span>
    );
  if (extending || goesOn)
    return (
      <>
        <Loader size={14} color="gray" /> Loading older messages…
      </>
    );
  return "The beginning of the conversation";
};

/** What stands above the oldest row: that more is coming, that it could not come, or that this is the beginning. */
export const TimelineEdge = (props: Props) => (
  <div className={classes["edge"]}>
    <Edge {...props} />
  </div>
);
