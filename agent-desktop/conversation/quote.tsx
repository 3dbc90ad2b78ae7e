import { UnstyledButton } from "@mantine/core";
import type { Audience } from "../../server/contract/entities.ts";
import { authorName } from "../list/names.ts";
import classes from "./conversation.module.css";
import { useScene } from "./scene.ts";

/** What a message answers, above it; leads there. */
export const Quote = ({ audience, seq }: { audience: Audience; seq: number }) => {
  const { find, jumpTo, me } = useScene();
  const quoted = find(audience, seq);
  if (!quoted) return <span className={classes["quote"]}>An earlier message</span>;
  return (
    <UnstyledButton className={classes["quote"]} onClick={() => jumpTo(audience, seq)}>
      <b dir="auto">{authorName(quoted.author, me)}</b>
      <span dir="auto">{quoted.body ?? "Message deleted"}</span>
    </UnstyledButton>
  );
};
