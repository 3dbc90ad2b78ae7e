import { VisuallyHidden } from "@mantine/core";
import type { Colleague } from "../../server/contract/agent.ts";
import classes from "./details.module.css";

type Looks = { color: string; word: string };

/** Presence and availability as one word and colour: being away counts for more than being online. */
export const presenceLooks = ({ presence, availability }: Pick<Colleague, "presence" | "availability">): Looks => {
  if (presence === "offline") return { color: "#8b9896", word: "offline" };
  if (availability === "away") return { color: "#d97706", word: "away" };
  if (presence === "idle") return { color: "#d4b106", word: "idle" };
  return { color: "#1f9d55", word: "available" };
};

/** Whoever is offline or away gets conversations only from those who may assign to the absent. */
export const isAbsent = ({ presence, availability }: Pick<Colleague, "presence" | "availability">): boolean =>
  presence === "offline" || availability === "away";

/** The dot beside a colleague's name; its word is for those who can't tell colours apart. */
export const PresenceDot = ({ of }: { of: Pick<Colleague, "presence" | "availability"> }) => {
  const { color, word } = presenceLooks(of);
  return (
    <span
      className={classes["dot"]}
      title={word}
      style={{ background: word === "offline" ? "transparent" : color, borderColor: color }}
    >
      <VisuallyHidden>{word}</VisuallyHidden>
    </span>
  );
};
