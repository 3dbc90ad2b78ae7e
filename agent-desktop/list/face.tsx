import { initials } from "../../server/contract/text.ts";
import classes from "./face.module.css";

// White letters pass 4.5:1 on each of them, in light and dark alike.
const colors = ["#0f7065", "#7a4b00", "#5b4bb5", "#9c2f52", "#1f6a9c", "#4d6b1f", "#8f3d14", "#4a5a66"];

const colorOf = (name: string): string => {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return colors[sum % colors.length] ?? "#4a5a66";
};

/** A person's initials on a colour of their own. The name stands beside it, so it says nothing to screen readers. */
export const Face = ({ name, size }: { name: string; size: number }) => (
  <span
    className={classes["face"]}
    style={{ width: size, height: size, fontSize: Math.round(size * 0.38), background: colorOf(name) }}
    // Drawn by the style sheet: as text they would count as a part of what surrounds them.
    data-initials={initials(name)}
  />
);
